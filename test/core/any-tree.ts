import fc from 'fast-check'

// Any tree of steps, effects and mistakes, and any way to consume it.

/** What a body does by itself: effects that go well or not, reports, errors, waiting for a cancellation, mistakes. */
const acts = [
  'put',
  'putSoon',
  'putStuck',
  'putHalf',
  'putFailing',
  'putUnawaited',
  'putBoth',
  'putBothFailing',
  'report',
  'output',
  'turn',
  'skip',
  'use',
  'useStuck',
  'throwOwn',
  'throwForeign',
  'hang',
  'hangAndThrow',
  'hangAndGoOn',
  'cancel',
  'cancelOwn',
  'forgetStep',
] as const
export type Act = (typeof acts)[number]

/** How a body runs a step, and what it does when that fails. */
const steps = ['plain', 'unless', 'attempt', 'catch', 'keepEvents', 'leave', 'beginOnly'] as const
const runs = ['run', 'eventScope', 'drain', 'collectAndLeave'] as const
const mistakes = ['yieldJunk', 'effectOfParent'] as const

export type StepWay = (typeof steps)[number]
export type RunWay = (typeof runs)[number]
export type Mistake = (typeof mistakes)[number]

export type Tree = { readonly leaf: readonly Act[] } | { readonly body: readonly Part[] }
export type Part =
  | { readonly act: Act }
  | { readonly mistake: Mistake }
  | { readonly step: Tree; readonly how: StepWay }
  | { readonly run: Tree; readonly how: RunWay }
  | { readonly all: readonly Tree[]; readonly concurrency: number }

const ways = ['pull', 'overlap', 'break', 'throw', 'return', 'returnWhilePulling', 'abort', 'abandon'] as const
export interface Consumer {
  readonly way: (typeof ways)[number]
  /** After how many events it does what it does. */
  readonly at: number
  readonly slow: boolean
}

const good: Act[] = ['put', 'put', 'put', 'putSoon', 'putUnawaited', 'putBoth', 'report', 'output', 'turn', 'use']
const act = fc.oneof({ arbitrary: fc.constantFrom(...good), weight: 6 }, fc.constantFrom(...acts))

const { tree } = fc.letrec<{ tree: Tree; part: Part }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'medium', maxDepth: 8 },
    { arbitrary: fc.record({ act }), weight: 8 },
    { arbitrary: fc.record({ mistake: fc.constantFrom(...mistakes) }), weight: 1 },
    { arbitrary: fc.record({ step: tie('tree'), how: fc.constant('plain' as const) }), weight: 6 },
    { arbitrary: fc.record({ step: tie('tree'), how: fc.constantFrom(...steps) }), weight: 3 },
    { arbitrary: fc.record({ run: tie('tree'), how: fc.constantFrom(...runs) }), weight: 3 },
    {
      arbitrary: fc.record({
        all: fc.array(tie('tree'), { maxLength: 4, size: 'max' }),
        concurrency: fc.integer({ min: 1, max: 3 }),
      }),
      weight: 3,
    },
  ),
  tree: fc.oneof(
    { depthSize: 'medium', maxDepth: 8 },
    { arbitrary: fc.record({ leaf: fc.array(act, { maxLength: 4, size: 'max' }) }), weight: 2 },
    { arbitrary: fc.record({ body: fc.array(tie('part'), { maxLength: 5, size: 'max' }) }), weight: 5 },
  ),
}))

export const anyTree: fc.Arbitrary<Tree> = tree
export const anyConsumer: fc.Arbitrary<Consumer> = fc.record({
  way: fc.constantFrom(...ways),
  at: fc.integer({ min: 0, max: 30 }),
  slow: fc.boolean(),
})
