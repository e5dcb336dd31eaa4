import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type IocEvent, type Operation, operation } from '@gaoler/core'
import { toObservable } from '@gaoler/core/rx'
import { syncBridge } from '@gaoler/core/sync'
import { lastValueFrom, Observable } from 'rxjs'
import { installCore } from '../core/fixtures/install-core.ts'

// What the bridges cost. Ratios of one run tell more than absolute times: the machine may be busy.

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** Milliseconds of each run, sorted. */
async function times(runs: number, body: () => unknown): Promise<number[]> {
  const all: number[] = []
  for (let run = 0; run < runs; run++) {
    const from = performance.now()
    await body()
    all.push(performance.now() - from)
  }
  return all.sort((a, b) => a - b)
}

const at = (all: readonly number[], share: number): number => all[Math.floor(all.length * share)] ?? Number.NaN

function report(what: string, value: string, wanted: string, met: boolean): void {
  console.log(`${what.padEnd(58)} ${value.padStart(22)}   ${met ? 'met' : 'NOT MET'}: ${wanted}`)
}

const µs = (ms: number): string => `${(ms * 1000).toFixed(0)} µs`

/** As published: from source, Node also has to strip the types of every file. */
async function coldStart(): Promise<void> {
  const folder = installCore({
    'operations.js': 'export const nothing = () => {}',
    'empty.js': '',
    'main.js': "export { syncBridge } from '@gaoler/core/sync'",
  })
  const base = pathToFileURL(join(folder.path, 'main.js')).href
  const { syncBridge: built } = (await import(base)) as { syncBridge: typeof syncBridge }
  const one = built('./operations.js', base)
  const empty: number[] = []
  const cold: number[] = []
  // By turns, so that both see the same load of the machine.
  for (let turn = 0; turn < 25; turn++) {
    empty.push(...(await times(1, () => emptyWorker(new URL('./empty.js', base)))))
    cold.push(...(await times(1, () => one.warm())))
    one[Symbol.dispose]()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  for (const all of [empty, cold]) all.sort((a, b) => a - b)
  folder.remove()
  const ratio = at(cold, 0.5) / at(empty, 0.5)
  const value = `${at(cold, 0.5).toFixed(1)} ms, ${ratio.toFixed(2)}×`
  report(`sync: cold start, to an empty worker of ${at(empty, 0.5).toFixed(1)} ms`, value, 'at most 1.5×', ratio <= 1.5)
}

async function emptyWorker(file: URL): Promise<void> {
  const worker = new Worker(file)
  await new Promise((resolve) => worker.once('exit', resolve))
}

async function warmCall(): Promise<void> {
  bridge.warm()
  await times(500, () => bridge.collect('twelve', []))
  const warm = await times(3000, () => bridge.collect('twelve', []))
  const child = await times(30, () => spawnSync('true'))
  const ratio = at(warm, 0.5) / at(child, 0.5)
  const value = `${µs(at(warm, 0.5))} p50, ${µs(at(warm, 0.95))} p95`
  report('sync: warm, an operation of 12 events', value, 'at most 150 µs p50', at(warm, 0.5) <= 0.15)
  report(
    `sync: the same, to one spawnSync('true') of ${at(child, 0.5).toFixed(1)} ms`,
    `${(ratio * 100).toFixed(1)} %`,
    'at most 5 %',
    ratio <= 0.05,
  )
  const none = await times(3000, () => bridge.drain('nothing', []))
  console.log(`${'sync: warm, a call without events'.padEnd(58)} ${µs(at(none, 0.5)).padStart(22)}`)
}

async function push(): Promise<void> {
  const count = 200_000
  bridge.drain('many', [count])
  const perSecond = count / (at(await times(5, () => bridge.drain('many', [count])), 0.5) / 1000)
  report('sync: push', `${Math.round(perSecond / 1000)} k events/s`, 'at least 200 k events/s', perSecond >= 200_000)
}

function steps(options: { readonly signal?: AbortSignal }): Operation<void> {
  return operation(
    'JailStart',
    async function* (s) {
      for (let step = 0; step < 50; step++) yield* s.step('JailHook', () => undefined)
    },
    options,
  )
}

/** What one would write by hand: without cancelling, which is what the bridge is for. */
function byHand(start: () => Operation<void>): Observable<IocEvent> {
  return new Observable((subscriber) => {
    void (async () => {
      for await (const event of start()) subscriber.next(event)
      subscriber.complete()
    })()
  })
}

async function observable(): Promise<void> {
  const hand = (): Promise<IocEvent> => lastValueFrom(byHand(() => steps({})))
  const ours = (): Promise<IocEvent> => lastValueFrom(toObservable(steps))
  await times(300, hand)
  await times(300, ours)
  const ratio = at(await times(1000, ours), 0.5) / at(await times(1000, hand), 0.5)
  report('rx: toObservable, to an Observable written by hand', `${ratio.toFixed(2)}×`, 'at most 2×', ratio <= 2)
}

console.log(`node ${process.version}`)
await coldStart()
await warmCall()
await push()
await observable()
