import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { Host, ReleaseGenerator } from '@gaoler/jail'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import type { JailWorld } from '../conformance/jail-bench.ts'

/** An embedded host in a folder of its own, with one release. */
export async function embeddedWorld(): Promise<JailWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-world-'))
  const { mirror, name } = await makeSmallRelease(join(directory, 'mirror'))
  const home = join(directory, 'host')
  const host = Host.open({ platform: 'embedded', directory: home })
  await drain(new ReleaseGenerator(name, { host }).fetch({ mirror }))
  return {
    host,
    release: name,
    snapshot: async () =>
      [
        ...tree(join(home, 'zfs', 'mnt')),
        ...tree(join(home, 'run')).filter((path) => !path.endsWith('/') && !path.includes('/host-uuid ')),
        ...datasets(host),
      ].join('\n'),
    close: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

function datasets({ zfs }: Host): string[] {
  return zfs
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
