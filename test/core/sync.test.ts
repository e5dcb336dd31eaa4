import type { IocEvent } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { assert, suite } from '../harness.ts'
import { faultsOf, lines } from './toys.ts'

const test = suite('core/sync')
const bridge = syncBridge<typeof import('./fixtures/sync-module.ts')>('./fixtures/sync-module.ts', import.meta.url)

test('events arrive while the caller blocks, revived, frozen and in order', () => {
  const live: IocEvent[] = []
  const events = bridge.collect('start', [], { onEvent: (event) => live.push(event) })
  assert.equal(live, events)
  assert.equal(faultsOf(events), [])
  assert.equal(lines(events), [
    'JailStart:pending',
    'JailDependantsStart:pending',
    'JailDependantsStart:skipped',
    'JailAttach:pending',
    'MountDevFS:pending',
    'MountDevFS:done',
    'JailAttach:done',
    'JailHookStart:pending',
    'JailHookStart:done',
    'JailStart:done',
  ])
  assert.ok(events[4]?.is('DevFSEvent') && Object.isFrozen(events[4].payload))
})

test.run()
