import { type IocError, OperationCancelled, toIocError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { Source } from './source.ts'

export interface MergeOptions {
  /** How many operations run at the same time; default: all. */
  readonly concurrency?: number
  /** Delivers the events of one operation after those of the one before it, though they run side by side. */
  readonly ordered?: boolean
}

/** How many events an operation may be ahead whose turn has not come, when they are ordered. */
const AHEAD = 256

/** One of the operations that run now. */
interface Lane<R> {
  readonly index: number
  readonly source: Source<R>
  /** Arrived and not yet delivered. */
  readonly events: IocEvent[]
  pulling: boolean
  ended: boolean
}

/**
 * Runs operations side by side and gives their events in the order of their arrival; returns their results in the order
 * of the operations. An operation is taken from the iterable only when there is room for it.
 *
 * Each goes on only when its last event was taken and the next is asked for. The first failure, and whoever leaves,
 * cancels all that run, at once and not one after another, and waits until they are undone; what fails meanwhile goes to
 * `error.suppressed`. Inside an operation use `s.all()`, which nests the events.
 */
export function merge<R>(
  operations: Iterable<Source<R>>,
  options: MergeOptions = {},
): AsyncGenerator<IocEvent, R[], void> {
  return new Merged(operations, options)
}

// Not an async generator function: its return() would wait for the await that it has to end.
class Merged<R> implements AsyncGenerator<IocEvent, R[], void> {
  readonly #operations: Iterator<Source<R>>
  readonly #concurrency: number
  readonly #ordered: boolean
  /** What runs, in the order of the operations. */
  readonly #lanes = new Set<Lane<R>>()
  /** Lanes in the order in which their events arrived. */
  readonly #arrivals: Lane<R>[] = []
  readonly #results: R[] = []
  #started = 0
  #exhausted = false
  #over = false
  /** Whose event was delivered last: it goes on when the next one is asked for. */
  #owed: Lane<R> | undefined
  #failure: IocError | undefined
  #stopping: Promise<readonly IocError[]> | undefined
  #wake: () => void = () => {}
  #last: Promise<unknown> = Promise.resolve()

  constructor(operations: Iterable<Source<R>>, { concurrency = Infinity, ordered = false }: MergeOptions) {
    this.#operations = operations[Symbol.iterator]()
    this.#concurrency = concurrency
    this.#ordered = ordered
  }

  next(): Promise<IteratorResult<IocEvent, R[]>> {
    const pull = (): Promise<IteratorResult<IocEvent, R[]>> => this.#pull()
    const result = this.#last.then(pull, pull)
    this.#last = result
    return result
  }

  async return(value?: R[] | PromiseLike<R[]>): Promise<IteratorResult<IocEvent, R[]>> {
    const error = await this.#leave()
    if (error) throw error
    return { done: true, value: (await value) as R[] }
  }

  async throw(reason: unknown): Promise<IteratorResult<IocEvent, R[]>> {
    throw (await this.#leave()) ?? reason
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #pull(): Promise<IteratorResult<IocEvent, R[]>> {
    if (this.#owed) this.#advance(this.#owed)
    this.#owed = undefined
    while (!this.#over) {
      this.#fill()
      if (this.#failure) await this.#fail(this.#failure)
      const lane = this.#ordered ? this.#lanes.values().next().value : this.#arrivals.shift()
      const event = lane?.events.shift()
      if (lane && event) {
        this.#owed = lane
        return { done: false, value: event }
      }
      if (lane?.ended) this.#lanes.delete(lane)
      else if (this.#exhausted && this.#lanes.size === 0) {
        this.#over = true
        return { done: true, value: this.#results }
      } else await this.#change(lane)
    }
    return { done: true, value: [] }
  }

  /** Takes on operations while there is room; one that cannot even be made is a failure of all. */
  #fill(): void {
    while (!this.#exhausted && !this.#failure && this.#lanes.size < this.#concurrency) {
      try {
        const next = this.#operations.next()
        if (next.done) this.#exhausted = true
        else this.#start(next.value)
      } catch (thrown) {
        this.#break(thrown)
      }
    }
  }

  #start(source: Source<R>): void {
    const lane: Lane<R> = { index: this.#started++, source, events: [], pulling: false, ended: false }
    this.#lanes.add(lane)
    this.#advance(lane)
  }

  /** Asks an operation for its next event, unless it is asked already or has some in store. */
  #advance(lane: Lane<R>): void {
    if (lane.pulling || lane.ended || this.#stopping) return
    if (lane.events.length > 0 && this.#isFirst(lane)) return
    lane.pulling = true
    lane.source.next().then(
      (next) => {
        lane.pulling = false
        if (next.done) this.#end(lane, next.value)
        else this.#arrive(lane, next.value)
        this.#wake()
      },
      (thrown) => {
        this.#lanes.delete(lane)
        this.#break(thrown)
        this.#wake()
      },
    )
  }

  #break(thrown: unknown): void {
    if (!this.#failure && !this.#over) {
      this.#failure = toIocError(thrown)
      this.#stop()
    } else if (!(thrown instanceof OperationCancelled)) this.#failure?.suppressed.push(toIocError(thrown))
  }

  #arrive(lane: Lane<R>, event: IocEvent): void {
    lane.events.push(event)
    if (!this.#ordered) this.#arrivals.push(lane)
    else if (!this.#isFirst(lane) && lane.events.length < AHEAD) this.#advance(lane)
  }

  #end(lane: Lane<R>, value: R): void {
    lane.ended = true
    this.#results[lane.index] = value
    if (!this.#ordered) this.#lanes.delete(lane)
  }

  #isFirst(lane: Lane<R>): boolean {
    return this.#lanes.values().next().value === lane
  }

  /** Waits until something arrives. */
  async #change(first: Lane<R> | undefined): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    // It may have been as far ahead as it may, until its turn came.
    if (first) this.#advance(first)
    await changed
  }

  /** Makes every operation that runs leave, all at once; gives the failures of undoing. */
  #stop(): Promise<readonly IocError[]> {
    this.#stopping ??= (async () => {
      const left = [...this.#lanes].map(({ source }) => source.return(undefined as never).then(() => [], collected))
      this.#operations.return?.()
      return (await Promise.all(left)).flat()
    })()
    return this.#stopping
  }

  async #fail(failure: IocError): Promise<never> {
    const failed = await this.#stop()
    failure.suppressed.push(...failed)
    if (failed.length > 0) failure.reverted = false
    this.#over = true
    throw failure
  }

  async #leave(): Promise<IocError | undefined> {
    if (this.#over) return undefined
    this.#over = true
    this.#wake()
    const [first, ...others] = await this.#stop()
    first?.suppressed.push(...others)
    return first
  }
}

function collected(thrown: unknown): IocError[] {
  return [toIocError(thrown)]
}
