import fc from 'fast-check'
import { assert, suite } from '../harness.ts'
import { anyConsumer, anyTree } from './any-tree.ts'
import { faultsOfTree } from './trees.ts'

const test = suite('core/trees')

test('whatever is nested in whatever way, fails where it may and is left at any time: the contract holds', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  try {
    await fc.assert(
      fc.asyncProperty(anyTree, anyConsumer, async (tree, consumer) => {
        assert.equal(await faultsOfTree(tree, consumer), [])
      }),
      { numRuns: 2000 },
    )
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
  assert.equal(unhandled, [])
})

test.run()
