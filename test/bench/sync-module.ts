import { type EventData, IocEvent, type Operation, operation } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'

/** Five steps in two nested scopes, and the operation's own event: 12 events. */
export const twelve = (call: SyncCall): Operation<void> =>
  operation(
    'JailStart',
    async function* (s) {
      yield* s.step('JailAttach', async function* (t) {
        yield* t.step('MountDevFS', () => undefined)
        yield* t.step('MountFdescfs', () => undefined)
      })
      yield* s.step('JailHookStart', async function* (t) {
        yield* t.step('JailCommand', () => undefined)
      })
    },
    call,
  )

export const nothing = (): void => {}

export async function* many(_call: SyncCall, count: number): AsyncGenerator<IocEvent, void, void> {
  for (let seq = 1; seq <= count; seq++) yield Object.freeze(new IocEvent({ ...template, seq }))
}

const template: EventData = {
  id: 'many.1',
  seq: 0,
  type: 'JailHook',
  identifier: 'web',
  state: 'progress',
  parent: null,
  depth: 0,
  message: null,
  progress: { current: 1, unit: 'steps' },
  startedAt: 0,
  duration: 1,
  error: null,
  rollback: false,
  undoes: null,
  planned: false,
  payload: {},
}
