import { drain, IocError, type IocEvent, type Operation, OperationCancelled, UnexpectedError } from '@gaoler/core'
import { HostGenerator, type PlatformName } from '@gaoler/jail'
import type { FlagParametersForType } from '@stricli/core'
import type { CliContext } from './context.ts'
import { createRenderer } from './render/renderer.ts'
import { oneLine } from './render/text.ts'

/** The flags that every command has. */
export interface HostFlags {
  readonly platform?: PlatformName
  readonly directory?: string
  readonly dataset?: string
  readonly json: boolean
}

export const hostFlags: FlagParametersForType<HostFlags, CliContext> = {
  platform: {
    kind: 'enum',
    values: ['linux', 'freebsd', 'embedded'],
    optional: true,
    brief: 'Default: the real one where there is one, else embedded',
  },
  directory: { kind: 'parsed', parse: String, optional: true, brief: 'Where the embedded platform keeps everything' },
  dataset: {
    kind: 'parsed',
    parse: String,
    optional: true,
    brief: 'Dataset of jails and releases; default: what rc.conf says, else iocage of the active pool',
  },
  json: { kind: 'boolean', default: false, brief: 'One event a line as JSON' },
}

/** What a command works with: the host, and a way to run operations that the user sees and can interrupt. */
export interface Session {
  readonly host: HostGenerator
  run<R>(start: (options: { signal: AbortSignal; onEvent: (event: IocEvent) => void }) => Operation<R>): Promise<R>
  print(text: string): void
  /** Fires when somebody ends the command; not by Ctrl-C, which at a terminal is the program's that runs there. */
  readonly ended: AbortSignal
}

/** Opens the host, runs `body`, and turns what it throws into a line for the user and an exit code: 1, or 130 for Ctrl-C. */
export async function session(
  context: CliContext,
  flags: HostFlags,
  body: (session: Session) => Promise<void>,
): Promise<void> {
  const { process } = context
  const interrupted = new AbortController()
  const renderer = createRenderer(process.stdout, flags)
  const terminated = new AbortController()
  const interrupt = (): void => interrupted.abort(new Error('interrupted'))
  const terminate = (): void => {
    terminated.abort(new Error('terminated'))
    interrupt()
  }
  // A reader that goes away (a pipe into head) ends the watching and not the work.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe)
  process.on('SIGINT', interrupt).on('SIGTERM', terminate)
  try {
    const { platform, directory, dataset } = flags
    const host = HostGenerator.open({ platform, directory, sources: dataset ? { ioc: dataset } : undefined })
    if (host.chosenBecause && host.platform.name === 'embedded') {
      process.stderr.write(`ioc: on the embedded platform, without isolation: ${host.chosenBecause}\n`)
    }
    await body({
      host,
      run: (start) => drain(start({ signal: interrupted.signal, onEvent: (event) => renderer.event(event) })),
      print: (text) => process.stdout.write(`${text}\n`),
      ended: terminated.signal,
    })
  } catch (thrown) {
    renderer.end()
    process.stderr.write(`${explain(thrown, process.env.GAOLER_DEBUG !== undefined)}\n`)
    process.exitCode = thrown instanceof OperationCancelled ? 130 : 1
  } finally {
    renderer.end()
    process.off('SIGINT', interrupt).off('SIGTERM', terminate)
  }
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** An error as a user reads it: what went wrong, what else failed on the way back, whether all was undone. */
function explain(thrown: unknown, debug = false): string {
  if (!(thrown instanceof IocError))
    return debug && thrown instanceof Error ? String(thrown.stack) : `ioc: ${oneLine(String(thrown))}`
  const lines = [`ioc: ${oneLine(thrown.message)}`]
  for (const other of thrown.suppressed) lines.push(`  also: ${oneLine(other.message)}`)
  if (thrown.reverted === false) lines.push('  not everything could be undone; the lines above say what is left')
  if (thrown instanceof UnexpectedError && !debug)
    lines.push('  this error is unknown to Gaoler; GAOLER_DEBUG=1 shows where it comes from')
  if (debug) lines.push(String(thrown.stack))
  return lines.join('\n')
}
