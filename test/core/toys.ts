import {
  type Body,
  defineEffects,
  type IocError,
  type IocEvent,
  type Operation,
  type OperationOptions,
  operation,
  type Scope,
} from '@gaoler/core'

/** A world that can be looked at: a set of things, and the order in which they came and went. */
export function toyWorld() {
  const things = new Set<string>()
  const history: string[] = []
  const faults = new Set<string>()
  const check = (what: string): void => {
    history.push(what)
    if (faults.has(what)) throw new Error(`${what} failed`)
  }
  const effects = defineEffects({
    put: {
      run: ({ thing }: { thing: string }) => {
        check(`put ${thing}`)
        things.add(thing)
        return thing.length
      },
      undo: ({ thing }) => ['remove', { thing }],
    },
    /** Waits for a while, or for its signal; what it has done stands all the same. */
    putSlowly: {
      run: async ({ thing, time }: { thing: string; time: number }, { signal, progress }) => {
        for (let at = 0; at < time && !signal.aborted; at++) {
          progress(at, time, 'ticks')
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        check(`put ${thing}`)
        things.add(thing)
      },
      undo: ({ thing }: { thing: string }) => ['remove', { thing }],
    },
    /** Takes a turn of the event loop, and asks nobody. */
    putSoon: {
      run: async ({ thing }: { thing: string }, { progress }) => {
        progress(0, 1)
        await turn()
        check(`put ${thing}`)
        things.add(thing)
      },
      undo: ({ thing }: { thing: string }) => ['remove', { thing }],
    },
    putHalf: {
      run: ({ thing }: { thing: string }) => {
        things.add(thing)
        throw new Error(`${thing} was put only half`)
      },
      undo: ({ thing }) => ['remove', { thing }],
      partial: true,
    },
    remove: {
      run: ({ thing }: { thing: string }) => {
        check(`remove ${thing}`)
        things.delete(thing)
      },
      undo: null,
    },
    say: {
      run: async ({ words }: { words: readonly string[] }, { output }) => {
        for (const word of words) await output(word)
      },
      undo: null,
    },
  })
  const run = <R>(body: Body<typeof effects, R>, options: OperationOptions = {}): Operation<R> =>
    operation('JailStart', body, { ...options, effects, identifier: 'web' })
  /** Runs a body to its end, however that is; `seen` is what `onEvent` saw, `pulled` what the consumer got. */
  const live = async <R>(body: Body<typeof effects, R>, options: OperationOptions = {}) => {
    const seen: IocEvent[] = []
    const pulled: IocEvent[] = []
    const running = run(body, { ...options, onEvent: (event) => seen.push(event) })
    let result: R | undefined
    let error: IocError | undefined
    try {
      let next = await running.next()
      for (; !next.done; next = await running.next()) pulled.push(next.value)
      result = next.value
    } catch (thrown) {
      error = thrown as IocError
    }
    return { seen, pulled, result, error }
  }
  return { things, history, faults, effects, run, live }
}

export type ToyScope = Scope<ReturnType<typeof toyWorld>['effects']>

/** One turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Never ends by itself, only by its signal, and then rejects with the signal's reason, as most of Node does. */
export function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** `JailStart:pending`, or `undo JailAttach:done`. */
export function line(event: IocEvent): string {
  return `${event.rollback ? 'undo ' : ''}${event.type}:${event.state}`
}

export function lines(events: readonly IocEvent[]): string[] {
  return events.map(line)
}

/** The rules that hold for every complete stream of events, whatever happened in it. */
export function faultsOf(events: readonly IocEvent[]): string[] {
  const faults: string[] = []
  const open = new Map<string, IocEvent>()
  const closed = new Set<string>()
  const begun = new Map<string, IocEvent>()
  let seq = 0
  for (const event of events) {
    const name = `${event.seq} ${line(event)}`
    if (event.seq !== ++seq) faults.push(`${name}: numbered ${event.seq}, not ${seq}`)
    if (!Object.isFrozen(event)) faults.push(`${name}: not frozen`)
    if (closed.has(event.id)) faults.push(`${name}: after its final state`)
    if (event.parent !== null && !open.has(event.parent)) faults.push(`${name}: its parent is not open`)
    if (event.state === 'pending') {
      if (open.has(event.id)) faults.push(`${name}: pending twice`)
      open.set(event.id, event)
      begun.set(event.id, event)
      const undone = event.undoes === null ? event : begun.get(event.undoes)
      if (event.rollback !== (event.undoes !== null)) faults.push(`${name}: an undo of nothing`)
      if (undone?.type !== event.type) faults.push(`${name}: undoes what has not been`)
      if (undone !== event && undone?.rollback) faults.push(`${name}: undoes an undo`)
    } else if (!open.has(event.id)) faults.push(`${name}: never pending`)
    if (event.isFinal()) {
      open.delete(event.id)
      closed.add(event.id)
      for (const child of open.values())
        if (child.parent === event.id) faults.push(`${name}: before its child ${line(child)}`)
    }
  }
  for (const event of open.values()) faults.push(`${line(event)}: no final state`)
  return faults
}

/** Puts `a`, then waits in a step until it is told to stop: its last event before that is a progress. */
export function waiting(world: ReturnType<typeof toyWorld>, options: object = {}): Operation<void> {
  return world.run(async function* (s) {
    await s.host.put({ thing: 'a' })
    yield* s.step('JailAttach', async (t) => {
      await t.host.put({ thing: 'b' })
      t.progress(1)
      await hang(t.signal).finally(() => world.history.push('leaf ended'))
    })
  }, options)
}

/** Of two things that one thread of work has put, the later is removed first; nothing is removed twice. */
export function outOfOrder({ history, faults: failed }: ReturnType<typeof toyWorld>): string[] {
  const faults: string[] = []
  const place = new Map(history.map((entry, index) => [entry, index]))
  if (place.size !== history.length) faults.push(`something was done twice: ${history}`)
  const puts = history.filter((entry) => entry.startsWith('put ')).map((entry) => entry.slice(4))
  for (const [index, earlier] of puts.entries()) {
    const removed = place.get(`remove ${earlier}`)
    if (removed === undefined) continue
    for (const later of puts.slice(index + 1)) {
      const put = place.get(`put ${later}`) as number
      if (!failed.has(`put ${later}`) && sameThread(earlier, later) && put < removed) {
        const before = place.get(`remove ${later}`)
        if (before === undefined || before > removed) faults.push(`${earlier} was removed before ${later}`)
      }
    }
  }
  return faults
}

/** Whether two paths part at a place where one thing is done after the other. */
function sameThread(one: string, other: string): boolean {
  const [a, b] = [one.split(' '), other.split(' ')]
  const at = a.findIndex((segment, index) => segment !== b[index])
  return ![...a.slice(at), ...b.slice(at)].some(
    (segment, index) => /^[AP]/.test(segment) && (index === 0 || segment[0] === 'P'),
  )
}
