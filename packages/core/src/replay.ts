import { IocError, OperationCancelled, registerErrors } from './error.ts'
import { type EventData, type IocEvent, revive } from './event.ts'

export interface ReplayOptions {
  /** How much faster than it happened: 1 is as it was, 10 ten times as fast; default: without waiting. */
  readonly speed?: number
  /** Ends the replay with OperationCancelled. */
  readonly signal?: AbortSignal
}

/** What a recording is read from: lines (or text in any pieces that end with one), or a FileHandle of Node. */
export type LineSource =
  | Iterable<string>
  | AsyncIterable<string>
  | { readLines(): AsyncIterable<string>; close?(): Promise<void> }

/**
 * A line of a recording is no event. What was there before it has been replayed.
 * @remedy Cut the recording off before that line: a process that was killed leaves half a line at its end.
 */
export class RecordingDamaged extends IocError<{ line: number; reason: string }> {
  static override readonly code: string = 'RECORDING_DAMAGED'
  constructor(details: { line: number; reason: string }, options: ErrorOptions = {}) {
    super(
      `line ${details.line} of the recording is no event: ${details.reason}; cut it off before that line`,
      details,
      options,
    )
  }
}

registerErrors({ RecordingDamaged })

/**
 * The events of a recording, as they were delivered: the same data, frozen, with their methods. Blank lines are skipped.
 * Throws RecordingDamaged.
 *
 * ```ts
 * for await (const event of replay(await open('start.ndjson'), { speed: 1 })) renderer.event(event)
 * ```
 */
export function replay(source: LineSource, options: ReplayOptions = {}): AsyncGenerator<IocEvent, void, void> {
  const { speed = Number.POSITIVE_INFINITY, signal } = options
  if (!(speed > 0)) throw new RangeError(`a replay cannot have the speed ${speed}; give a number above 0`)
  const left = new AbortController()
  const events = read(source, speed, left.signal, signal)
  // Leaving must not wait until it is time for the next event.
  const end = events.return.bind(events)
  events.return = (value) => {
    left.abort()
    return end(value)
  }
  return events
}

async function* read(
  source: LineSource,
  speed: number,
  left: AbortSignal,
  signal: AbortSignal | undefined,
): AsyncGenerator<IocEvent, void, void> {
  const either = signal ? AbortSignal.any([left, signal]) : left
  const started = performance.now()
  let first: number | undefined
  let line = 0
  try {
    for await (const text of lines(source)) {
      line++
      if (text.trim() === '') continue
      const event = parse(text, line)
      const at = event.startedAt + (event.duration ?? 0)
      first ??= at
      if (speed !== Number.POSITIVE_INFINITY) await until(started + (at - first) / speed, either)
      if (left.aborted) return
      if (signal?.aborted) throw cancelled(signal.reason)
      yield event
    }
  } finally {
    if ('readLines' in source) await source.close?.()
  }
}

/** The text line by line; the source may give lines without their ends, as readline does, or any pieces. */
async function* lines(source: LineSource): AsyncGenerator<string, void, void> {
  let rest = ''
  let ended = false
  for await (const piece of 'readLines' in source ? source.readLines() : source) {
    // The end of a line that was complete without it.
    const parts = (rest + (ended ? piece.replace(/^\r?\n/, '') : piece)).split('\n')
    rest = parts.pop() as string
    yield* parts
    ended = isWhole(rest)
    if (!ended) continue
    yield rest
    rest = ''
  }
  if (rest !== '') yield rest
}

function isWhole(text: string): boolean {
  if (!text.startsWith('{') || !text.endsWith('}')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function parse(text: string, line: number): IocEvent {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (cause) {
    throw new RecordingDamaged({ line, reason: (cause as Error).message }, { cause })
  }
  const reason = faultOf(data)
  if (reason) throw new RecordingDamaged({ line, reason })
  const { progress, payload } = data as EventData
  if (progress) Object.freeze(progress)
  Object.freeze(payload)
  return revive(data as EventData)
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isNumber: Check = (value) => typeof value === 'number'
const isFlag: Check = (value) => typeof value === 'boolean'
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const states: readonly unknown[] = ['pending', 'progress', 'done', 'skipped', 'failed']

const checks: Readonly<Record<keyof EventData, Check>> = {
  id: isText,
  seq: isCount,
  type: isText,
  identifier: orNull(isText),
  state: (value) => states.includes(value),
  parent: orNull(isText),
  depth: isCount,
  message: orNull(isText),
  progress: orNull((value) => isObject(value) && isNumber((value as { current?: unknown }).current)),
  startedAt: isNumber,
  duration: orNull(isNumber),
  error: orNull((value) => isObject(value) && isText((value as { code?: unknown }).code)),
  rollback: isFlag,
  undoes: orNull(isText),
  planned: isFlag,
  payload: isObject,
}

function faultOf(data: unknown): string | undefined {
  if (!isObject(data)) return 'it is not an object'
  for (const [key, check] of Object.entries(checks)) {
    const value = (data as Readonly<Record<string, unknown>>)[key]
    if (value === undefined) return `it has no ${key}`
    if (!check(value)) return `its ${key} is ${JSON.stringify(value)}`
  }
  return undefined
}

function until(time: number, signal: AbortSignal): Promise<void> | undefined {
  const wait = time - performance.now()
  if (wait <= 0 || signal.aborted) return undefined
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', go)
      resolve()
    }
    const timer = setTimeout(go, wait)
    signal.addEventListener('abort', go, { once: true })
  })
}

function cancelled(cause: unknown): OperationCancelled {
  const reason = cause instanceof Error ? { reason: cause.message } : {}
  return new OperationCancelled({ operation: 'replay', ...reason }, { cause })
}
