import { getEventListeners } from 'node:events'
import { drain, IocError, type IocEvent, type Operation, OperationCancelled, type Step } from '@gaoler/core'
import type { Act, Consumer, Mistake, Part, RunWay, StepWay, Tree } from './any-tree.ts'
import { consume } from './consume.ts'
import { faultsOf, hang, outOfOrder, type ToyScope, toyWorld, turn } from './toys.ts'

/** The things that a body knows to be there when it has ended. */
type Alive = string[]

/** One run of a tree: what is to be expected, kept beside the core and without its help. */
class Run {
  readonly world = toyWorld()
  readonly controller = new AbortController()
  readonly seen: IocEvent[] = []
  readonly faults: string[] = []
  /** Things that cannot be removed again. */
  readonly stuck = new Set<string>()
  readonly disposals = new Map<string, number>()
  /** The signals of the operations inside, by path. */
  readonly controllers = new Map<string, AbortController>()
  cancelled = false
  alive: Alive = []

  root(tree: Tree): Operation<Alive> {
    const { signal } = this.controller
    return this.world.run((s) => this.#body(tree, 'r', s), {
      signal,
      onEvent: (event) => this.seen.push(event),
    }) as Operation<Alive>
  }

  /** What is there of a path; only what is stuck may be there after a failure. */
  left(path: string): Alive {
    return [...this.world.things].filter((thing) => thing.startsWith(`${path} `))
  }

  #body(tree: Tree, path: string, s: ToyScope): Promise<Alive> | AsyncGenerator<IocEvent, Alive, void> {
    const work = 'leaf' in tree ? this.#leaf(tree.leaf, path, s) : this.#parts(tree.body, path, s)
    return path === 'r' ? this.#remember(work) : work
  }

  /** The root's own things: a consumer that leaves at its last event gets no result. */
  #remember(work: Promise<Alive> | AsyncGenerator<IocEvent, Alive, void>) {
    const keep = (alive: Alive): Alive => {
      this.alive = alive
      return alive
    }
    if (work instanceof Promise) return work.then(keep)
    return (async function* () {
      return keep(yield* work)
    })()
  }

  async #leaf(acts: readonly Act[], path: string, s: ToyScope): Promise<Alive> {
    const alive: Alive = []
    for (const [index, act] of acts.entries()) alive.push(...(await this.#act(act, `${path} ${index}`, s)))
    return alive
  }

  async *#parts(parts: readonly Part[], path: string, s: ToyScope): AsyncGenerator<IocEvent, Alive, void> {
    const alive: Alive = []
    for (const [index, part] of parts.entries()) {
      const at = `${path} ${index}`
      if ('act' in part) alive.push(...(await this.#act(part.act, at, s)))
      else if ('mistake' in part) alive.push(...(yield* this.#mistake(part.mistake, at, s)))
      else alive.push(...(yield* this.#nested(part, at, s)))
    }
    return alive
  }

  /** Runs something nested; whatever of it has failed must be gone by the time its failure is heard of. */
  async *#nested(part: Part, path: string, s: ToyScope): AsyncGenerator<IocEvent, Alive, void> {
    try {
      if ('step' in part) return yield* this.#step(part.step, part.how, path, s)
      if ('run' in part) return yield* this.#run(part.run, part.how, path, s)
      if (!('all' in part)) return []
      const jobs = part.all.map((tree, index) => this.#operation(tree, `${path} A${index}`))
      const results = yield* s.all(jobs, { concurrency: part.concurrency })
      if (results.length !== jobs.length) this.faults.push(`${path}: ${results.length} results of ${jobs.length}`)
      return results.flat()
    } catch (error) {
      // Of operations side by side, those that had finished are undone by the scope that ran them.
      if (!('all' in part)) this.#mustBeGone(path, s)
      if ('how' in part && part.how === 'catch') return this.left(path)
      throw error
    }
  }

  #operation(tree: Tree, path: string, eventScope?: ToyScope): Operation<Alive> {
    const controller = new AbortController()
    this.controllers.set(path, controller)
    const options = eventScope ? { signal: controller.signal, eventScope } : { signal: controller.signal }
    return this.world.run((t) => this.#body(tree, path, t), options) as Operation<Alive>
  }

  async *#step(tree: Tree, how: StepWay, path: string, s: ToyScope): AsyncGenerator<IocEvent, Alive, void> {
    const unless = how === 'unless' && 'not wanted'
    const step = s.step('JailAttach', (t) => this.#body(tree, path, t), { unless }) as Step<Alive | undefined>
    if (how === 'attempt') {
      const alive = yield* s.attempt(step)
      if (!alive) this.#mustBeGone(path, s)
      return alive ?? this.left(path)
    }
    if (how === 'keepEvents') {
      for (;;) {
        const next = await step.next()
        if (next.done) return (next.value ?? []) as Alive
      }
    }
    if (how === 'leave') {
      for await (const event of step) {
        yield event
        if (event.state === 'progress' || event.state === 'done') break
      }
      return this.left(path)
    }
    if (how === 'beginOnly') {
      await step.next()
      step.next().catch(() => {})
      return []
    }
    return (yield* step) ?? []
  }

  async *#run(tree: Tree, how: RunWay, path: string, s: ToyScope): AsyncGenerator<IocEvent, Alive, void> {
    if (how === 'run') return yield* s.run(this.#operation(tree, path))
    const operation = this.#operation(tree, path, s)
    if (how === 'eventScope') return (yield* operation) as Alive
    if (how === 'drain') return await drain(operation)
    let own: string | undefined
    let done = false
    for await (const { id, state } of operation) {
      own ??= id
      done ||= id === own && (state === 'done' || state === 'skipped')
      if (state === 'progress') break
    }
    if (!done) this.#mustBeGone(path, s)
    return this.left(path)
  }

  async *#mistake(mistake: Mistake, path: string, s: ToyScope) {
    if (mistake === 'yieldJunk') yield path as never
    else {
      yield* s.step('MountDevFS', async () => {
        await s.host.put({ thing: path })
      })
    }
    return []
  }

  async #act(act: Act, thing: string, s: ToyScope): Promise<Alive> {
    const { host } = s
    switch (act) {
      case 'put':
        await host.put({ thing })
        return [thing]
      case 'putSoon':
        await host.putSoon({ thing })
        return [thing]
      case 'putStuck':
        this.stuck.add(thing)
        this.world.faults.add(`remove ${thing}`)
        await host.put({ thing })
        return [thing]
      case 'putHalf':
        await host.putHalf({ thing })
        return []
      case 'putFailing':
        this.world.faults.add(`put ${thing}`)
        await host.put({ thing })
        return []
      case 'putUnawaited':
        host.putSoon({ thing: `${thing} P` }).catch(() => {})
        return [`${thing} P`]
      case 'putBoth':
        await Promise.all([host.putSoon({ thing: `${thing} P0` }), host.put({ thing: `${thing} P1` })])
        return [`${thing} P0`, `${thing} P1`]
      case 'putBothFailing':
        this.world.faults.add(`put ${thing} P1`)
        await Promise.all([host.putSoon({ thing: `${thing} P0` }), host.put({ thing: `${thing} P1` })])
        return []
      case 'report':
        s.set({ at: thing })
        s.progress(1, 2)
        return []
      case 'output':
        await s.output('x'.repeat(thing.length * 3000))
        return []
      case 'turn':
        await turn()
        return []
      case 'skip':
        s.skip('as it is')
        return []
      case 'use':
      case 'useStuck':
        s.use({
          [Symbol.asyncDispose]: async () => {
            this.disposals.set(thing, (this.disposals.get(thing) ?? 0) + 1)
            if (act === 'useStuck') throw new Error(`${thing} is stuck`)
          },
        })
        this.disposals.set(thing, 0)
        return []
      case 'throwOwn':
        throw new IocError(thing)
      case 'throwForeign':
        throw new RangeError(thing)
      case 'hang':
        this.#cancelSoon()
        return hang(s.signal)
      case 'hangAndThrow':
        this.#cancelSoon()
        return hang(s.signal).catch(() => {
          throw new IocError(thing)
        })
      case 'hangAndGoOn':
        this.#cancelSoon()
        return hang(s.signal).catch(() => [])
      case 'cancel':
        this.cancel()
        return []
      case 'cancelOwn': {
        const around = [...this.controllers].filter(([path]) => thing.startsWith(`${path} `))
        around.at(-1)?.[1].abort()
        return []
      }
      case 'forgetStep':
        s.step('JailHookStart', () => 1)
        return []
    }
  }

  cancel(): void {
    this.cancelled = true
    this.controller.abort(new Error('cancelled'))
  }

  /** Somebody waits for a cancellation: it comes, after everything else had its chance. */
  #cancelSoon(): void {
    void turn()
      .then(turn)
      .then(turn)
      .then(() => this.cancel())
  }

  // What was done in a scope that is cancelled at its very end is undone by the scopes around it.
  #mustBeGone(path: string, s: ToyScope): void {
    if (s.signal.aborted) return
    for (const thing of this.left(path)) {
      if (!this.stuck.has(thing)) this.faults.push(`${thing} is left behind by what has failed`)
    }
  }

  /** Everything that must hold when it is over; what is wrong, in words. */
  check(error: unknown): string[] {
    const { seen, world, stuck, controller } = this
    const faults = [...this.faults, ...faultsOf(seen)]
    const last = seen.at(-1)
    const things = [...world.things]
    if (last?.state === 'failed') {
      for (const thing of things) if (!stuck.has(thing)) faults.push(`${thing} is left behind`)
      if (last.error?.reverted !== (things.length === 0)) faults.push(`reverted is ${last.error?.reverted}: ${things}`)
    } else if (last && things.sort().join() !== this.alive.sort().join()) {
      faults.push(`there is ${things}; there should be ${this.alive}`)
    }
    if (error !== undefined && !(error instanceof IocError)) faults.push(`${error} is no IocError`)
    if (error instanceof IocError && last?.error?.message !== error.message) faults.push(`${error} is not the last one`)
    if (error instanceof OperationCancelled && error.details.operation !== 'JailStart') faults.push(`${error}`)
    for (const { signal } of [controller, ...this.controllers.values()]) {
      if (getEventListeners(signal, 'abort').length > 0) faults.push('a listener is left on a signal')
    }
    for (const [thing, count] of this.disposals) if (count !== 1) faults.push(`${thing} was given back ${count} times`)
    return [...faults, ...outOfOrder(world)]
  }
}

/** Runs a tree to its end, however that is; returns what is wrong. */
export async function faultsOfTree(tree: Tree, consumer: Consumer): Promise<string[]> {
  const run = new Run()
  const error = await consume(run, run.root(tree), consumer)
  const over = () => run.seen.length === 0 || (run.seen.at(-1)?.parent === null && run.seen.at(-1)?.isFinal())
  for (let turns = 0; !over() && turns < 1000; turns++) await turn()
  if (!over()) return [`it hangs after ${run.seen.at(-1)}`]
  return run.check(error)
}
