import { type IocError, operation } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { sleep, type ToyScope, toyWorld } from './toys.ts'

const test = suite('core/stack')

/** The core's own frames stand between: more than Node's ten are needed to see all bodies. */
async function stackOf(run: () => Promise<{ error: IocError | undefined }>): Promise<string> {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 40
  try {
    const { error } = await run()
    return (error?.cause instanceof Error ? error.cause : error)?.stack ?? ''
  } finally {
    Error.stackTraceLimit = limit
  }
}

async function* innerBody(s: ToyScope) {
  yield* s.step('MountDevFS', async function theLeaf(t) {
    await sleep(1)
    await t.host.put({ thing: 'a' })
  })
}

async function* outerBody(s: ToyScope) {
  yield* s.step('JailAttach', innerBody)
}

test('an error that is thrown late shows the leaf, and the bodies around it, in its stack', async () => {
  const world = toyWorld()
  world.faults.add('put a')
  const stack = await stackOf(() => world.live(outerBody))
  const frames = ['at theLeaf', 'at async innerBody', 'at async outerBody'].map((frame) => stack.indexOf(frame))
  assert.ok(
    frames.every((at) => at > 0),
    stack,
  )
  assert.equal(
    frames,
    frames.toSorted((a, b) => a - b),
    'innermost first',
  )
})

test('so does one that is thrown in an operation beside others', async () => {
  const world = toyWorld()
  world.faults.add('put a')
  assert.match(await stackOf(() => world.live((s) => s.all([world.run(outerBody)]))), 'at async outerBody')
})

test('an error that is made by the core names the place of the mistake', async () => {
  const twoSteps = () =>
    toyWorld().live(function theBody(s) {
      s.step('JailAttach', () => 1)
      s.step('MountDevFS', () => 1)
    })
  assert.match(await stackOf(twoSteps), 'at theBody')
  const awaited = await thrown(async function theCaller() {
    await (operation('JailStart', () => 1) as never)
  })
  assert.match(awaited.stack ?? '', 'at theCaller')
})

test.run()
