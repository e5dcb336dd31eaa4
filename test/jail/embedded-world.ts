import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { Host, ReleaseGenerator } from '@gaoler/jail'
import { embeddedZfs } from '@gaoler/zfs'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert } from '../harness.ts'

/** In memory where programs can be run from there: these tests make and remove thousands of files. */
function worldsDirectory(): string {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gaoler-world-'))
  writeFileSync(join(directory, 'probe'), '#!/bin/sh\n', { mode: 0o755 })
  if (spawnSync(join(directory, 'probe')).status === 0) return directory
  rmSync(directory, { recursive: true })
  return mkdtempSync(join(tmpdir(), 'gaoler-world-'))
}

/** An embedded host in a folder of its own, with one release. */
export async function embeddedWorld(): Promise<JailWorld> {
  const directory = worldsDirectory()
  const { mirror, name } = await makeSmallRelease(join(directory, 'mirror'))
  const home = join(directory, 'host')
  const host = Host.open({ platform: 'embedded', directory: home })
  // A machine without an id gets one when it is first asked for: here, and not in the middle of a comparison.
  assert.ok(host.uuid)
  await drain(new ReleaseGenerator(name, { host }).fetch({ mirror }))
  return {
    host,
    release: name,
    snapshot: async () =>
      [
        ...tree(join(home, 'zfs', 'mnt')),
        ...tree(join(home, 'run')).filter((path) => !path.endsWith('/') && !path.includes('/host-uuid ')),
        ...datasets(home),
      ].join('\n'),
    close: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Asked anew each time: what a host remembers may be of another image of its directory. */
function datasets(home: string): string[] {
  return embeddedZfs({ directory: join(home, 'zfs') })
    .listSync({ types: ['filesystem', 'snapshot'], properties: ['guid', 'origin', 'mountpoint', 'mounted'] })
    .map(({ name, properties }) => `${name} ${Object.values(properties).map(({ value }) => value)}`)
}

/** Every path with its kind, mode and content; lock files and console logs stay by design and are left out. */
function tree(root: string, prefix = ''): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, entry.name)
    const shown = `${prefix}/${entry.name}`
    if (shown.endsWith('.lock')) return []
    // What hooks have said stays on purpose.
    if (shown.endsWith('/iocage/log')) return []
    if (entry.isDirectory()) return [`${shown}/`, ...tree(path, shown)]
    return [
      `${shown} ${entry.isSymbolicLink() ? 'link' : `${statSync(path).mode} ${readFileSync(path).toString('base64').slice(0, 60)}`}`,
    ]
  })
}
