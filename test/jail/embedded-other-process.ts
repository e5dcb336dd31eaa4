import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Fixture } from './embedded-support.ts'

const url = (file: string): string => pathToFileURL(join(import.meta.dirname, file)).href

// Of the many processes that the tests start, only the first has to read TypeScript.
const compiled = mkdtempSync(join(tmpdir(), 'gaoler-compiled-'))
process.once('exit', () => rmSync(compiled, { recursive: true, force: true }))

/** Another process that runs `body` with the platform of `fixture`; resolves at its end with its output and how it ended. */
export async function inProcess(
  fixture: Fixture,
  body: string,
  onStart: (pid: number) => void = () => {},
): Promise<{ stdout: string; code: number | null; signal: string | null }> {
  const code = `
    import { channel } from 'node:diagnostics_channel'
    import { Fixture } from ${JSON.stringify(url('embedded-support.ts'))}
    const fixture = Object.create(Fixture.prototype)
    const { embeddedPlatform } = await import(${JSON.stringify(url('../../packages/jail/src/platform/embedded/index.ts'))})
    Object.assign(fixture, ${JSON.stringify({ root: fixture.root, state: fixture.state })}, {
      outputs: [], signal: new AbortController().signal,
      platform: embeddedPlatform({ directory: ${JSON.stringify(fixture.state)} }),
    })
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  onStart(child.pid as number)
  const [exitCode, signal] = await once(child, 'close')
  return { stdout, code: exitCode, signal }
}
