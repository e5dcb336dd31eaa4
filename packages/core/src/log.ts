import { IocError, registerErrors } from './error.ts'
import type { IocEvent } from './event.ts'

/** From what must be seen to what fills disks; `screen` is for people who watch, and is never filtered out. */
export const logLevels = ['critical', 'error', 'warn', 'info', 'notice', 'verbose', 'debug', 'spam', 'screen'] as const

export type LogLevel = (typeof logLevels)[number]

/** What a body has said with `s.log()`; it is in the payload of an event, and so it crosses threads and recordings. */
export interface LogEntry {
  readonly level: LogLevel
  readonly message: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** Takes data and text, in pino's order. */
export type LogMethod = (data: object, message: string) => void

/**
 * What `options.logger` needs: a pino logger fits as it is, and so does `console`. A level that it has no method for goes to
 * the nearest one that it has: `critical` to `fatal` or `error`, `notice` and `screen` to `info`, `verbose` to `debug`,
 * `spam` to `trace` or `debug`.
 */
export interface Logger {
  readonly error: LogMethod
  readonly warn: LogMethod
  readonly info: LogMethod
  readonly debug: LogMethod
  readonly fatal?: LogMethod
  readonly trace?: LogMethod
  readonly critical?: LogMethod
  readonly notice?: LogMethod
  readonly verbose?: LogMethod
  readonly spam?: LogMethod
  readonly screen?: LogMethod
}

const methods: Readonly<Record<LogLevel, readonly (keyof Logger)[]>> = {
  critical: ['critical', 'fatal', 'error'],
  error: ['error'],
  warn: ['warn'],
  info: ['info'],
  notice: ['notice', 'info'],
  verbose: ['verbose', 'debug'],
  debug: ['debug'],
  spam: ['spam', 'trace', 'debug'],
  screen: ['screen', 'info'],
}

/** Writes at one of the nine levels to a logger that may have fewer. */
export function writeLog(logger: Logger, level: LogLevel, data: object, message: string): void {
  // What `console` writes with `trace` is a stack.
  const isConsole = logger instanceof console.Console
  const method = methods[level].find((name) => typeof logger[name] === 'function' && !(isConsole && name === 'trace'))
  if (method) logger[method]?.(data, message)
}

/**
 * The level at which an event is logged. An operation's begin and end: `info`; its steps: `verbose`, their begin `debug`;
 * progress and output: `spam`. A failure: `error`, of a step `warn`, a cancellation `warn`; an undo: `notice`, one that
 * fails, so that something is left behind: `critical`.
 */
export function levelOf(event: IocEvent): LogLevel {
  const { state, depth, rollback, error } = event
  if (state === 'progress') return event.payload.log?.level ?? 'spam'
  if (state === 'failed') {
    if (rollback) return 'critical'
    return depth === 0 && error?.code !== 'OPERATION_CANCELLED' ? 'error' : 'warn'
  }
  if (rollback) return state === 'pending' ? 'debug' : 'notice'
  if (depth === 0) return 'info'
  return state === 'pending' ? 'debug' : 'verbose'
}

/** Logs an event: what it is as data, under `err` its error; of its payload only what was said or printed. */
export function logEvent(logger: Logger, event: IocEvent): void {
  const { id, type, identifier, state, depth, duration, error, rollback, payload, progress } = event
  const { log, chunk } = payload as { log?: LogEntry; chunk?: { stream: string; text: string } }
  const data = {
    ...(state === 'progress' && log?.data),
    id,
    type,
    identifier,
    state,
    depth,
    ...(duration === null ? {} : { duration }),
    ...(rollback ? { rollback } : {}),
    ...(state === 'progress' && progress ? { progress } : {}),
    ...(error ? { err: error } : {}),
  }
  const said = state === 'progress' ? (log?.message ?? chunk?.text.trimEnd()) : undefined
  const about = identifier === null ? type : `${type}@${identifier}`
  writeLog(logger, levelOf(event), data, said === undefined ? `${event}` : `${about}: ${said}`)
}

/** One listener for each logger, so that an operation nested in another with the same one is logged once. */
const listeners = new WeakMap<Logger, (event: IocEvent) => void>()

/** A listener that logs; what the logger throws is a warning and nothing else. */
export function logListener(logger: Logger): (event: IocEvent) => void {
  const known = listeners.get(logger)
  if (known) return known
  const listener = (event: IocEvent): void => {
    try {
      logEvent(logger, event)
    } catch (thrown) {
      process.emitWarning(`the logger threw at ${event}: ${thrown}`, { code: 'IOC_LISTENER' })
    }
  }
  listeners.set(logger, listener)
  return listener
}

/**
 * Base of what is wrong with logging.
 * @remedy See the message of the class that was thrown.
 */
export class LogException extends IocError {
  static override readonly code: string = 'LOG'
}

/**
 * A word that is no log level.
 * @remedy Take one of the nine that the message names.
 */
export class InvalidLogLevel extends LogException {
  static override readonly code: string = 'INVALID_LOG_LEVEL'
  constructor(details: { level: string }, options: ErrorOptions = {}) {
    super(`${JSON.stringify(details.level)} is no log level; there are ${logLevels.join(', ')}`, details, options)
  }
}

/**
 * A line that was written cannot be changed: it has left the screen, or it never was on one.
 * @remedy Redraw only lines of the level `screen`, while the output is a terminal.
 */
export class CannotRedrawLine extends LogException {
  static override readonly code: string = 'CANNOT_REDRAW_LINE'
  constructor(details: { reason?: string } = {}, options: ErrorOptions = {}) {
    super(`the line cannot be drawn again${details.reason ? `: ${details.reason}` : ''}`, details, options)
  }
}

registerErrors({ LogException, InvalidLogLevel, CannotRedrawLine })

export interface TextLoggerOptions {
  /** The last level that is written; default `info`. */
  readonly level?: LogLevel
}

/** A logger of all nine levels that writes lines of text, indented as events are nested: `createLogger(process.stderr)`. */
export function createLogger(
  output: { write(text: string): unknown },
  { level = 'info' }: TextLoggerOptions = {},
): Required<Omit<Logger, 'fatal' | 'trace'>> {
  const last = logLevels.indexOf(level)
  if (last < 0) throw new InvalidLogLevel({ level })
  const method = (name: LogLevel): LogMethod => {
    if (name === 'screen') return (data, message) => output.write(`${indented(data, message)}\n`)
    if (logLevels.indexOf(name) > last) return () => {}
    return (data, message) => output.write(`${name.padEnd(8)} ${indented(data, message)}\n`)
  }
  const all = Object.fromEntries(logLevels.map((name) => [name, method(name)])) as Record<LogLevel, LogMethod>
  return all
}

function indented(data: { depth?: unknown }, message: string): string {
  return '  '.repeat(typeof data.depth === 'number' ? data.depth : 0) + message
}
