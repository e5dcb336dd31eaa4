import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { Host, ReleaseGenerator } from '@gaoler/jail'
import { makeSmallRelease } from './small-release.ts'

export interface ExampleMirror {
  readonly host: Host
  readonly mirror: string
  readonly release: string
}

/** An embedded host of its own and a mirror with one small release; the folder is gone when the process ends. */
export async function exampleMirror(): Promise<ExampleMirror> {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-example-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const { mirror, name } = await makeSmallRelease(join(directory, 'mirror'))
  return { host: Host.open({ platform: 'embedded', directory: join(directory, 'host') }), mirror, release: name }
}

/** The same, with the release fetched. */
export async function exampleHost(): Promise<ExampleMirror> {
  const world = await exampleMirror()
  await drain(new ReleaseGenerator(world.release, { host: world.host }).fetch({ mirror: world.mirror }))
  return world
}
