import type { LzcCalls } from '@gaoler/zfs'

type Good = { readonly [K in keyof LzcCalls]: Parameters<LzcCalls[K]> }

/** A descriptor that is not open, and stands for every one. */
export const FD = 9_999
/** Stands for every list that a caller fills. */
export const PROPS = { 'org.gaoler:why': 'a test' }

/** Arguments of every call that are right in form; a call that is new in LzcCalls and not here does not compile. */
export function goodCalls(pool: string): Good {
  const [name, snapshot, later, bookmark] = [`${pool}/a`, `${pool}/a@x`, `${pool}/a@y`, `${pool}/a#b`]
  const record = new Uint8Array(312)
  const from = { from: snapshot }
  const received = { origin: snapshot, props: PROPS }
  return {
    create: [`${pool}/new`, { props: PROPS }],
    clone: [`${pool}/new`, snapshot, { props: PROPS }],
    snapshot: [[snapshot, `${pool}@x`], { props: PROPS }],
    destroy: [`${pool}/none`],
    destroySnaps: [[`${pool}/none@x`, `${pool}@none`]],
    exists: [name],
    rename: [`${pool}/none`, `${pool}/new`],
    promote: [name],
    hold: [{ [snapshot]: 'tag', [later]: 'tag' }, { cleanupFd: FD }],
    release: [{ [snapshot]: ['none'], [later]: ['none'] }],
    getHolds: [snapshot],
    bookmark: [{ [bookmark]: snapshot, [`${pool}#c`]: `${pool}@x` }],
    getBookmarks: [name],
    getBookmarkProps: [bookmark],
    destroyBookmarks: [[`${pool}/none#b`, `${pool}#none`]],
    rollback: [`${pool}/none`],
    rollbackTo: [name, snapshot],
    snaprangeSpace: [snapshot, later],
    redact: [later, 'red', [snapshot]],
    send: [later, FD, from],
    sendResume: [later, FD, from],
    sendRedacted: [later, FD, 'red', from],
    sendResumeRedacted: [later, FD, 'red', from],
    sendSpace: [later, from],
    sendSpaceResumeRedacted: [later, from],
    sendProgress: [later, FD],
    receive: [`${pool}/new@x`, FD, received],
    receiveResumable: [`${pool}/new@x`, FD, received],
    receiveWithHeader: [`${pool}/new@x`, FD, record, received],
    receiveOne: [`${pool}/new@x`, FD, record, received],
    receiveWithCmdprops: [`${pool}/new@x`, FD, record, { ...received, cmdprops: PROPS }],
    receiveWithHeal: [`${pool}/new@x`, FD, record, { ...received, cmdprops: PROPS }],
    loadKey: [name, new Uint8Array(32)],
    unloadKey: [name],
    changeKey: [name, 'new_key', { props: PROPS, key: new Uint8Array(32) }],
    sync: [pool],
    poolCheckpoint: [pool],
    poolCheckpointDiscard: [pool],
    reopen: [pool],
    getProps: [pool],
    scrub: [pool],
    poolPrefetch: [pool, 'ddt'],
    ddtPrune: [pool, 'age', 1n],
    setBootenv: [pool, PROPS],
    getBootenv: [pool],
    wait: [pool, 'scrub'],
    waitTag: [pool, 'initialize', 1n],
    waitFs: [name, 'deleteq'],
    initialize: [pool, 'start', [1n]],
    trim: [pool, 'start', [1n]],
    getVdevProp: [pool, 1n, ['guid']],
    setVdevProp: [pool, 1n, PROPS],
    channelProgram: [pool, 'return 1', { params: PROPS }],
    channelProgramNosync: [pool, 'return 1', { params: PROPS }],
  }
}

/** The arguments, each time with one of what `find` chooses replaced: a value, or the name of a pair. */
export function* replaced(args: unknown, find: (value: unknown) => boolean, by: unknown): Generator<unknown> {
  if (find(args)) yield by
  else if (Array.isArray(args)) {
    for (const [index, each] of args.entries())
      for (const other of replaced(each, find, by)) yield args.with(index, other)
  } else if (typeof args === 'object' && args !== null && !ArrayBuffer.isView(args)) {
    const pairs = Object.entries(args)
    for (const [index, [key, value]] of pairs.entries()) {
      if (typeof by === 'string' && find(key)) yield fromPairs(pairs.with(index, [by, value]))
      for (const other of replaced(value, find, by)) yield fromPairs(pairs.with(index, [key, other]))
    }
  }
}

// Unlike an assignment this makes an own pair of `__proto__`.
function fromPairs(pairs: [string, unknown][]): unknown {
  return Object.fromEntries(pairs)
}

const pair = (key: string, value: unknown): unknown => Object.fromEntries([[key, value]])
const circle: Record<string, unknown> = {}
circle.circle = circle

/** Lists of every bad kind, and some that are only odd. */
export const oddLists: readonly unknown[] = [
  {}, pair('a:b', [1n, 'x']), pair('a:b', ['x', {}]), pair('a', -1n), pair('a', 2n ** 64n), pair('a', 1.5), pair('a', 2 ** 53),
  pair('__proto__', 'x'), pair('__proto__', { polluted: 'x' }), new Map([['__proto__', 1n]]), pair('', 'x'), pair('a\0b', 'x'),
  pair('a:b', 'x'.repeat(2 ** 20)), pair('a', new Uint8Array(2 ** 20)), pair('x'.repeat(2 ** 20), 'x'), pair('a', new BigUint64Array(2 ** 17)),
  circle, [], [1], 'text', 7, pair('a', () => 1), pair('a', Symbol('x')), pair('a', []), new Map([[7, 'x']]), new Date(),
] // biome-ignore format: a table

export const badDescriptors: readonly unknown[] = [-1, 1.5, Number.NaN, 2 ** 31, 2n, '1', null, {}, [1]]
