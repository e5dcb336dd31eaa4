/** What an error carries beside its message: plain data that survives structured clone and JSON. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** The plain form in which an error crosses a worker, a pipe or HTTP. */
export interface SerialisedError {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly details: ErrorDetails
  readonly stack?: string
  readonly cause?: SerialisedError
  readonly suppressed?: readonly SerialisedError[]
  readonly reverted?: boolean
}

/**
 * Base of every error that Gaoler throws on purpose.
 *
 * A subclass takes its details first and makes the message from them; it sets a static `code` that never changes.
 * @remedy See the class that was thrown; this one itself is thrown only for an error that came from elsewhere, of a
 * class that is not loaded.
 */
export class IocError<D extends ErrorDetails = ErrorDetails> extends Error {
  static readonly code: string = 'IOC'
  readonly code: string
  readonly details: D
  /** Failures that happened while this one was being handled: of undos, of siblings. */
  readonly suppressed: Error[] = []
  /** Set by the operation that failed: whether everything that it had done was undone. */
  reverted: boolean | undefined

  constructor(message: string, details: D = {} as D, options: ErrorOptions = {}) {
    super(message, options)
    this.code = new.target.code
    this.details = details
    // Own but hidden, so that a printed error shows its data and not its bookkeeping.
    for (const key of ['suppressed', 'reverted']) hide(this, key)
  }

  /** The class's name: read from the constructor, so that a subclass need not repeat it. */
  override get name(): string {
    return this.constructor.name
  }

  toJSON(): SerialisedError {
    return serialiseError(this)
  }
}

/**
 * An error that nobody planned for, wrapped once; `cause` is the original.
 * @remedy Look at `cause`; if it comes from Gaoler itself, it is a defect to report.
 */
export class UnexpectedError extends IocError<{ step?: string }> {
  static override readonly code: string = 'UNEXPECTED'
}

/**
 * The operation was cancelled: its consumer left, its signal fired, or its time ran out.
 * @remedy Nothing is to be done; `reverted` says whether all was undone, and details how to go on where that can be.
 */
export class OperationCancelled extends IocError<ErrorDetails & { operation: string; reason?: string }> {
  static override readonly code: string = 'OPERATION_CANCELLED'
  constructor(details: ErrorDetails & { operation: string; reason?: string }, options: ErrorOptions = {}) {
    super(`${details.operation} was cancelled${details.reason ? `: ${details.reason}` : ''}`, details, options)
  }
}

/**
 * An operation took longer than it was allowed to; what it had done was undone.
 * @remedy Allow more time, or find out what it waits for: its last pending event says where it was.
 */
export class TimeLimitExceeded extends IocError<{ limit: number }> {
  static override readonly code: string = 'TIME_LIMIT_EXCEEDED'
  constructor(details: { limit: number }, options: ErrorOptions = {}) {
    super(`not finished after ${details.limit} ms: allow more time, or look where it waits`, details, options)
  }
}

/**
 * The library was used in a way that cannot work; the message says what to write instead.
 * @remedy Write what the message says.
 */
export class UsageError extends IocError {
  static override readonly code: string = 'USAGE'
}

/**
 * News came from a body or step whose event has its final state already.
 * @remedy Await what the body begins, or run it with `yield*`, so that nothing goes on after its end.
 */
export class EventAlreadyFinished extends UsageError {
  static override readonly code: string = 'EVENT_ALREADY_FINISHED'
  constructor(details: { event: string; late: string }, options: ErrorOptions = {}) {
    super(`${details.event} has ended: ${details.late} comes too late`, details, options)
  }
}

/** A constructor of errors, as `registerErrors` takes them. */
export type ErrorClass = abstract new (...args: never[]) => IocError

const classes = new Map<string, ErrorClass>()

/** Makes error classes known by name, so that they stay themselves across a worker or HTTP. */
export function registerErrors(known: Readonly<Record<string, unknown>>): void {
  for (const candidate of Object.values(known)) {
    if (typeof candidate === 'function' && (candidate === IocError || candidate.prototype instanceof IocError)) {
      classes.set(candidate.name, candidate as unknown as ErrorClass)
    }
  }
}

registerErrors({ IocError, UnexpectedError, OperationCancelled, TimeLimitExceeded, UsageError, EventAlreadyFinished })

/** Any thrown value as an IocError: itself if it is one, else wrapped once with its cause. */
export function toIocError(thrown: unknown, step?: string): IocError {
  if (thrown instanceof IocError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new UnexpectedError(message, step === undefined ? {} : { step }, { cause: thrown })
}

/** The plain form of any error; what is not an IocError is given the code `UNEXPECTED`. */
export function serialiseError(thrown: unknown): SerialisedError {
  return tell(thrown, new Set())
}

/** `told`: the errors that this one is a cause or companion of; errors may refer to each other in a circle. */
function tell(thrown: unknown, told: Set<unknown>): SerialisedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const own = error instanceof IocError ? error : undefined
  const around = new Set(told).add(thrown)
  const suppressed = own?.suppressed.filter((other) => !around.has(other)) ?? []
  return {
    name: error.name,
    code: own?.code ?? 'UNEXPECTED',
    message: error.message,
    details: own?.details ?? errnoDetails(error),
    stack: error.stack,
    ...(error.cause === undefined || around.has(error.cause) ? {} : { cause: tell(error.cause, around) }),
    ...(suppressed.length > 0 ? { suppressed: suppressed.map((other) => tell(other, around)) } : {}),
    ...(own?.reverted === undefined ? {} : { reverted: own.reverted }),
  }
}

const builtIn = new Map<string, ErrorConstructor>(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((known) => [known.name, known]),
)

/** The error again, of its own class where that is registered or built in; else an IocError stays one, by name and code. */
export function reviveError(data: SerialisedError): Error {
  const foreign = data.code === UnexpectedError.code && !classes.has(data.name)
  const known = foreign ? (builtIn.get(data.name) ?? Error) : (classes.get(data.name) ?? IocError)
  const options = data.cause ? { cause: reviveError(data.cause) } : {}
  // Error's own constructor with the class's prototype: the subclass would make its message a second time.
  const error = Reflect.construct(Error, [data.message, options], known) as Error
  if (data.stack !== undefined) hide(error, 'stack', data.stack)
  if (error.name !== data.name) hide(error, 'name', data.name)
  if (foreign) return Object.assign(error, data.details)
  Object.assign(error, { code: data.code, details: data.details })
  hide(error, 'suppressed', (data.suppressed ?? []).map(reviveError))
  return hide(error, 'reverted', data.reverted)
}

function hide<T extends object>(object: T, key: string, value: unknown = Reflect.get(object, key)): T {
  return Object.defineProperty(object, key, { value, enumerable: false, writable: true, configurable: true })
}

function errnoDetails(error: Error): ErrorDetails {
  const { code, errno, syscall, path } = error as NodeJS.ErrnoException
  return Object.fromEntries(Object.entries({ code, errno, syscall, path }).filter(([, value]) => value !== undefined))
}
