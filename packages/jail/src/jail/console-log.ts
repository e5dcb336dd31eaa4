import type { HostScope } from '../host/host-base.ts'
import type { CommandResult } from '../platform/platform.ts'
import type { JailBase } from './jail-base.ts'

/** Runs a hook and adds what it said to the console log of the jail, also when it fails. */
export async function logged(
  t: HostScope,
  jail: JailBase,
  hook: string,
  command: string,
  run: () => Promise<CommandResult>,
): Promise<CommandResult> {
  const began = new Date().toISOString()
  const write = (end: string, output = ''): Promise<void> => {
    const break_ = output === '' || output.endsWith('\n') ? '' : '\n'
    const text = `${began} ${hook}: ${command}\n${output}${break_}${new Date().toISOString()} ${hook} ${end}\n`
    return t.host.appendLog({ path: jail.consoleLogFile, text })
  }
  try {
    const result = await run()
    const { code, signal, timedOut, stdout, stderr, leftOut } = result
    const end =
      code === null ? `was killed by ${signal}${timedOut ? ' when its time was over' : ''}` : `exited with ${code}`
    const before = leftOut ? `(${leftOut} characters before this were not kept)\n` : ''
    await write(end, before + (stdout ?? '') + (stderr ?? ''))
    return result
  } catch (error) {
    // A cancelled scope has no effects any more; then the event alone tells.
    if (!t.signal.aborted) await write(`failed: ${(error as Error).message}`)
    throw error
  }
}
