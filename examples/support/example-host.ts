import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { Host, ReleaseGenerator } from '@gaoler/jail'
import { makeSmallRelease } from './small-release.ts'

/** An embedded host of its own with one small release fetched; the folder is gone when the process ends. */
export async function exampleHost(): Promise<{ host: Host; release: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-example-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const { mirror, name } = await makeSmallRelease(join(directory, 'mirror'))
  const host = Host.open({ platform: 'embedded', directory: join(directory, 'host') })
  await drain(new ReleaseGenerator(name, { host }).fetch({ mirror }))
  return { host, release: name }
}
