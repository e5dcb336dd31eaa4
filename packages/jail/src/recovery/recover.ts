import { closeSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Effect,
  type IocError,
  type IocEvent,
  type Operation,
  type OperationOptions,
  operation,
  type Step,
  toIocError,
} from '@gaoler/core'
import type { HostBase, HostEffects, HostScope } from '../host/host-base.ts'
import { tryLockFile, waitForLock } from '../host/lock.ts'
import { complete } from './completions.ts'
import { lookAt } from './dead.ts'
import { JournalDamaged } from './errors.ts'
import { hooksOf, isRunning } from './hooks.ts'
import { ContinuedJournal, UNFINISHED, writeLine } from './journal.ts'
import { isAt, isDead, listJournals, openJournal, type Pending, readJournal, trimJournal } from './read.ts'

export interface RecoverOptions extends OperationOptions {
  /** Only what was being done to these datasets; default: everything. */
  readonly datasets?: readonly string[]
}

/** Milliseconds that recovery waits for somebody who looks at the same at the same moment. */
const PATIENCE = 5000

/**
 * Undoes what dead processes have left half-done, last in, first out, or completes it where it cannot be undone.
 * What living processes work on is left alone. It can be repeated wherever it was interrupted.
 * What cannot be recovered does not keep the rest from being so; the first error is thrown at the end.
 */
export function recover(host: HostBase, { datasets, ...options }: RecoverOptions = {}): Operation<void> {
  const journal = new ContinuedJournal(host.journalDirectory)
  return operation<'HostRecover', void, HostEffects>(
    'HostRecover',
    async function* (s) {
      if (!host.world) removeUnfinished(host.journalDirectory)
      for (const path of listJournals(host.journalDirectory)) {
        if (!datasets) yield* s.attempt(recovery(s, host, path, journal))
        else if (isAbout(path, datasets)) yield* recovery(s, host, path, journal)
      }
    },
    {
      ...options,
      effects: final(host.effects),
      world: host.world,
      plan: host.world !== null,
      journal,
      completion: () => journal.completion,
    },
  )
}

function recovery(s: HostScope, host: HostBase, path: string, journal: ContinuedJournal): Step<unknown> {
  return s.step('OperationRecover', (t) => recoverOne(t, host, path, journal), { payload: { journal: path } })
}

/** Whether it is the journal of a dead process that held one of these locks. */
function isAbout(path: string, datasets: readonly string[]): boolean {
  try {
    const journal = isDead(path) ? lookAt(path) : null
    return journal?.locks.some((dataset) => datasets.includes(dataset)) ?? false
  } catch (error) {
    if (error instanceof JournalDamaged) return false
    throw error
  }
}

async function* recoverOne(
  t: HostScope,
  host: HostBase,
  path: string,
  journal: ContinuedJournal,
): AsyncGenerator<IocEvent, void, void> {
  if (!isDead(path)) return t.skip('its process is alive')
  const knows = (effect: string): boolean => Object.hasOwn(host.effects, effect)
  const seen = lookAt(path, knows)
  if (!seen) return t.skip('it is recovered already')
  t.set({ operation: seen.type, about: seen.identifier })
  if (host.world) return yield* carryOut(t, host, seen.pending, { journal, undone: () => {} })

  // In one order, so that two who recover do not wait for each other for ever.
  for (const dataset of [...seen.locks].sort()) {
    const purpose = `recovery of ${seen.identifier ?? dataset}`
    t.use(await waitForLock(host.lockPath(dataset), { purpose, patience: PATIENCE, signal: t.signal }))
  }
  const fd = await claim(path, t.signal)
  if (fd === null) return t.skip('it is recovered already')
  t.use({ [Symbol.dispose]: () => closeSync(fd) })
  const { pending } = readJournal(fd, path, knows)
  trimJournal(fd)
  t.use(journal.continue(fd, path))
  yield* carryOut(t, host, pending, { journal, undone: (mark) => writeLine(fd, { undone: mark }) })
  rmSync(path, { force: true })
}

async function* carryOut(
  t: HostScope,
  host: HostBase,
  pending: readonly Pending[],
  { journal, undone }: { journal: ContinuedJournal; undone: (mark: string) => void },
): AsyncGenerator<IocEvent, void, void> {
  await endCommands(t, pending)
  // Up to the last effect that cannot be undone, what was done stays: the operation is completed from there.
  const last = pending.findLastIndex(({ completion }) => completion !== null)
  const left = pending.slice(last + 1).filter(({ inverse }) => inverse !== null)
  await undo(t, left.reverse(), undone)
  const completion = pending[last]?.completion
  if (!completion) return
  journal.completion = completion
  yield* complete(t, host, completion, hooksOf(pending))
}

/** What the dead process was running when it died must not run beside what is done now. */
async function endCommands(t: HostScope, pending: readonly Pending[]): Promise<void> {
  for (const { mark, event, identifier } of pending.filter(isRunning)) {
    const ended = await t.host.endCommand({ mark })
    if (ended > 0) await t.log('warn', `what ${event} of ${identifier} had begun still ran, and was ended`, { ended })
  }
}

async function undo(t: HostScope, pending: readonly Pending[], undone: (mark: string) => void): Promise<void> {
  const effects = t.host as unknown as Readonly<Record<string, (args: object) => Promise<unknown>>>
  const errors: IocError[] = []
  let count = 0
  for (const { mark, inverse } of pending) {
    const [name, args] = inverse as NonNullable<Pending['inverse']>
    try {
      await effects[name]?.(args)
      undone(mark)
      t.progress(++count, pending.length, 'effects')
    } catch (error) {
      if (t.signal.aborted) throw error
      errors.push(toIocError(error, name))
    }
  }
  const [first, ...others] = errors
  if (!first) return
  first.suppressed.push(...others)
  throw first
}

/** Takes a dead process's journal over; null when it is gone. */
async function claim(path: string, signal: AbortSignal): Promise<number | null> {
  const fd = openJournal(path)
  if (fd === null) return null
  try {
    // Its locks are ours: who has it locked only looks whether its process is alive.
    while (!tryLockFile(fd, 'exclusive')) await sleep(1 + Math.random() * 4, undefined, { signal })
    if (isAt(fd, path)) return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
  closeSync(fd)
  return null
}

/** Journals whose process died before it had done anything. */
function removeUnfinished(directory: string): void {
  for (const path of listJournals(directory, UNFINISHED)) if (isDead(path)) rmSync(path, { force: true })
}

/** What recovery does is not undone when it fails or is left: it is taken up again. */
function final(effects: HostEffects): HostEffects {
  const entries = Object.entries(effects).map(([name, effect]: [string, Effect]) => [name, { ...effect, undo: null }])
  return Object.fromEntries(entries)
}
