import { setImmediate as turn } from 'node:timers/promises'
import { drain, IocEvent, type Operation, operation } from '@gaoler/core'

// What operations cost beside async generators that yield the same events, and what they leave behind. Ratios of one
// run, of processor time: the machine may be busy. Run with --expose-gc.

const leaf = async (): Promise<number> => 1

/** Six scopes, four deep: twelve events. */
function operationOfTwelve(): Operation<void> {
  return operation('JailStart', async function* (s) {
    yield* s.step('JailAttach', async function* (t) {
      yield* t.step('MountDevFS', async function* (u) {
        yield* u.step('JailHookStart', leaf)
      })
      yield* t.step('JailHookCreated', leaf)
    })
    yield* s.step('JailNetworkSetup', leaf)
  })
}

type Events = AsyncGenerator<IocEvent, void, void>
type Kind = IocEvent['type']

/** The same events by hand: numbered, timed, frozen; without undo, cancellation, progress, listeners or any check. */
class ByHand {
  #seq = 0
  #ids = 0

  async *root(): Events {
    const done = this.#begin('JailStart', null, 0)
    yield done.pending
    yield* this.#attach(done.pending.id)
    yield* this.#leaf('JailNetworkSetup', done.pending.id, 1)
    yield done.event()
  }

  async *#attach(parent: string): Events {
    const done = this.#begin('JailAttach', parent, 1)
    yield done.pending
    yield* this.#mount(done.pending.id)
    yield* this.#leaf('JailHookCreated', done.pending.id, 2)
    yield done.event()
  }

  async *#mount(parent: string): Events {
    const done = this.#begin('MountDevFS', parent, 2)
    yield done.pending
    yield* this.#leaf('JailHookStart', done.pending.id, 3)
    yield done.event()
  }

  async *#leaf(type: Kind, parent: string, depth: number): Events {
    const done = this.#begin(type, parent, depth)
    yield done.pending
    await leaf()
    yield done.event()
  }

  #begin(type: Kind, parent: string | null, depth: number) {
    const id = `run.${++this.#ids}`
    const startedAt = Date.now()
    const clock = performance.now()
    const snapshot = (state: IocEvent['state'], duration: number | null): IocEvent =>
      Object.freeze(
        new IocEvent({
          id,
          seq: ++this.#seq,
          type,
          identifier: null,
          state,
          parent,
          depth,
          message: null,
          progress: null,
          startedAt,
          duration,
          error: null,
          rollback: false,
          undoes: null,
          planned: false,
          payload: {},
        }),
      )
    return { pending: snapshot('pending', null), event: () => snapshot('done', performance.now() - clock) }
  }
}

/** As many yields through the same depth, and nothing else. */
async function* yieldsOnly(depth = 0): AsyncGenerator<number, void, void> {
  yield 1
  if (depth === 3) await leaf()
  else yield* yieldsOnly(depth + 1)
  if (depth === 0 || depth === 1) yield* yieldsOnly(3)
  yield 2
}

async function cost(runs: number, make: () => AsyncIterable<unknown>): Promise<number> {
  const from = process.cpuUsage()
  for (let run = 0; run < runs; run++) for await (const _ of make());
  const { user, system } = process.cpuUsage(from)
  return user + system
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** How much more the first costs than the second; both in turns, so that load meets both. */
async function ratio(one: () => AsyncIterable<unknown>, other: () => AsyncIterable<unknown>): Promise<number> {
  const ratios: number[] = []
  for (let turn = 0; turn < 25; turn++) {
    const [a, b] = [await cost(2000, one), await cost(2000, other)]
    if (turn >= 5) ratios.push(a / b)
  }
  return median(ratios)
}

async function heap(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    await turn()
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

/** Bytes that each of many finished operations leaves behind. */
async function retained(make: () => Promise<unknown>): Promise<number> {
  const runs = 100_000
  for (let run = 0; run < 5000; run++) await make()
  const before = await heap()
  for (let run = 0; run < runs; run++) await make()
  return ((await heap()) - before) / runs
}

/** How much the heap has grown when the last of many operations side by side are running, in percent. */
async function growth(count: number): Promise<number> {
  function* jobs(): Generator<Operation<void>> {
    for (let job = 0; job < count; job++) yield operationOfTwelve()
  }
  const sizes: number[] = []
  let seen = 0
  for await (const _ of operation('JailDependantsStart', (s) => s.all(jobs(), { concurrency: 8 }))) {
    if (++seen % (count * 3) === 0) sizes.push(await heap())
  }
  const [first = Number.NaN, last = Number.NaN] = [sizes[0], sizes.at(-1)]
  return (last / first - 1) * 100
}

function report(what: string, value: string, wanted: string, met: boolean): void {
  console.log(`${what.padEnd(70)} ${value.padStart(10)}   ${met ? 'met' : 'NOT MET'}: ${wanted}`)
}

if (!globalThis.gc) throw new Error('run with --expose-gc')
console.log(`node ${process.version}`)

const same = await ratio(operationOfTwelve, () => new ByHand().root())
report('operation of 12 events, to the same events by bare yield*', `${same.toFixed(1)}×`, 'at most 5×', same <= 5)
const bare = await ratio(operationOfTwelve, () => yieldsOnly())
console.log(`${'the same, to bare yield* of numbers'.padEnd(70)} ${`${bare.toFixed(1)}×`.padStart(10)}`)

const { signal } = new AbortController()
const left = {
  'an operation': () => drain(operationOfTwelve()),
  'one with a signal that goes on': () => drain(operation('JailStart', leaf, { signal })),
  'one that failed': () => drain(operation('JailStart', () => Promise.reject(new Error('no')))).catch(() => {}),
  'one that was left': async () => {
    for await (const _ of operationOfTwelve()) break
  },
}
for (const [what, make] of Object.entries(left)) {
  const bytes = await retained(make)
  report(`${what}: left behind when it has ended`, `${Math.max(0, bytes).toFixed(0)} B`, 'nothing', bytes < 20)
}
const grown = await growth(10_000)
report('10,000 operations by s.all(), 8 at a time: heap, last to first', `+${grown.toFixed(1)} %`, 'flat', grown < 5)
