import { join } from 'node:path'
import { assert, suite } from '../harness.ts'
import { installCore } from './fixtures/install-core.ts'
import { run } from './fixtures/run.ts'

const test = suite('core/sync-built')

test('the built package starts its worker from a .js file, and takes a module written as .ts as .js', async () => {
  const folder = installCore({
    'operations.js': `
      import { operation } from '@gaoler/core'
      export const start = (call) => operation('JailStart', () => 42, call)`,
    'main.js': `
      import { syncBridge } from '@gaoler/core/sync'
      const bridge = syncBridge('./operations.ts', import.meta.url)
      console.log(bridge.drain('start', []), bridge.collect('start', []).map(String).join(' '))`,
  })
  try {
    const { stdout, stderr, code } = await run([join(folder.path, 'main.js')])
    assert.is(stdout, '42 JailStart: pending JailStart: done\n', stderr)
    assert.is(code, 0)
  } finally {
    folder.remove()
  }
})

test.run()
