import { keep } from './boundary.ts'
import type { EventType } from './catalogue.ts'
import type { EffectTable, Inverse } from './effects.ts'
import { type IocError, toIocError } from './error.ts'
import type { IocEvent } from './event.ts'
import { EventNode } from './event-node.ts'
import type { Journal } from './journal.ts'
import type { ScopeNode } from './scope.ts'

/** Milliseconds that one undoing may take before its signal fires; it is waited for all the same. */
const UNDO_LIMIT = 60_000

/** What an undo tells of the step that it reverts; all undos of a step share it, so they show its last payload. */
export interface Origin {
  readonly id: string
  readonly type: EventType
  readonly identifier: string | null
  payload: object
}

/** An effect that was carried out: how to undo it, and by which step it was done. */
export interface Undo {
  readonly origin: Origin
  readonly table: EffectTable
  readonly inverse: Inverse
  readonly mark: string
  readonly journal: Journal | null
}

/** Undoes what was done below a scope, last in, first out; each reverted step is an event of its own. */
export async function* unwind(scope: ScopeNode, error: IocError): AsyncGenerator<IocEvent, void, void> {
  for (const undos of byOrigin(scope.undos.splice(0).reverse())) {
    const { id, type, identifier, payload } = (undos[0] as Undo).origin
    const reverted = new EventNode(scope, scope, type, { identifier: identifier ?? undefined, payload }, id)
    yield reverted.snapshot('pending')
    let failed: IocError | null = null
    for (const undo of undos) {
      try {
        await revert(undo, reverted)
      } catch (thrown) {
        const failure = toIocError(thrown, type)
        failed ??= failure
        keep(error, [failure])
        scope.spoil()
      }
    }
    reverted.close()
    yield reverted.snapshot(failed ? 'failed' : 'done', failed)
  }
  error.reverted = scope.whole
}

/** Runs one inverse, under the undo's event: shielded from cancellation, with a time limit of its own. */
async function revert({ table, inverse: [name, args], mark, journal }: Undo, event: EventNode): Promise<void> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new DOMException(`${name} takes too long`, 'TimeoutError')), UNDO_LIMIT)
  try {
    await table[name]?.run(args as never, event.context(limit.signal, mark))
    journal?.undone(mark)
  } finally {
    clearTimeout(timer)
  }
}

function* byOrigin(undos: readonly Undo[]): Generator<readonly Undo[]> {
  for (let from = 0, to = 0; from < undos.length; from = to) {
    while (to < undos.length && undos[to]?.origin === undos[from]?.origin) to++
    yield undos.slice(from, to)
  }
}
