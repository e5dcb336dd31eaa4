import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SerialisedError } from '@gaoler/core'
import {
  CallNotSupported,
  DatasetBusy,
  type HoldFailure,
  NameInvalid,
  openZfs,
  PermissionDenied,
  PropertyInvalid,
  SnapshotFailure,
  ZFSGenericError,
  ZFSInitializationFailed,
} from '@gaoler/zfs'
import koffi from 'koffi'
import { E } from '../../packages/zfs/src/errno.ts'
import { failureOf } from '../../packages/zfs/src/lzc/failures.ts'
import { Gate, poolPlaces } from '../../packages/zfs/src/lzc/gate.ts'
import { table } from '../../packages/zfs/src/lzc/table.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('zfs/lzc')

type AnyCall = Parameters<typeof failureOf>[0]
const failed = (
  name: keyof typeof table,
  args: unknown[],
  errno: number,
  errlist?: Record<string, number>,
  existing: string[] = [],
) =>
  failureOf(table[name] as unknown as AnyCall, args, {
    errno,
    out: [errlist && new Map(Object.entries(errlist))],
    exists: (asked) => existing.includes(asked),
  })

let symbols: ReturnType<typeof koffi.load> | string
try {
  symbols = koffi.load('libzfs_core.so.3')
} catch (error) {
  symbols = `libzfs_core cannot be loaded: ${(error as Error).message}`
}
if (typeof symbols === 'string') test.skip('every released symbol is in the library', symbols)
else {
  const library = symbols
  test('every released symbol is in the library', () => {
    // What no release has yet is built into a library of its own, by lzc-versions.test.ts.
    const released = Object.values(table).filter(({ since }) => since <= '2.3')
    for (const { symbol } of released) assert.ok(library.symbol(symbol), symbol)
  })
}

test('both forms of every call are there', () => {
  const zfs = openZfs() as unknown as Record<string, unknown>
  for (const name of [...Object.keys(table), 'list', 'get', 'set', 'inherit', 'mount', 'unmount']) {
    assert.type(zfs[name], 'function', name)
    assert.type(zfs[`${name}Sync`], 'function', name)
  }
  assert.is(zfs.kind, 'openzfs')
})

test('arguments are checked before ZFS is looked for', async () => {
  const zfs = openZfs()
  assert.instance(await thrown(() => zfs.create('-r')), NameInvalid)
  assert.instance(await thrown(() => zfs.createSync('tank', { props: { a: 'x\0' } })), PropertyInvalid)
  assert.instance(await thrown(() => zfs.snapshotSync(['tank'])), SnapshotFailure)
  const unencodable = await thrown<SnapshotFailure>(() => zfs.snapshot(['tank@x'], { props: { 'a:b': 'x\0' } }))
  assert.instance(unencodable.errors[0], PropertyInvalid)
  assert.equal(unencodable.errors[0]?.details, {
    name: 'tank@x', property: 'a:b', reason: 'the text contains a NUL character', errno: E.EINVAL,
  }) // biome-ignore format: one thought
  assert.is(zfs.existsSync('no such name!'), false)
  assert.is(await zfs.exists('tank#bookmark'), false)
  assert.equal(await zfs.hold({}), [])
})

// Where ZFS works, the lab's tests prove the rest.
if (existsSync('/dev/zfs')) test.skip('a machine without ZFS says so', 'this one has ZFS')
else {
  test('a machine without ZFS says so, in both forms and every time', async () => {
    const zfs = openZfs()
    for (const call of [
      () => zfs.exists('tank'),
      () => zfs.existsSync('tank'),
      () => zfs.snapshot(['tank@x']),
      () => zfs.createSync('tank/a'),
      () => zfs.list(),
      () => zfs.getSync('tank', []),
      () => zfs.mount('tank'),
    ]) {
      const error = await thrown(call)
      assert.instance(error, ZFSInitializationFailed)
      assert.match(error.message, /install OpenZFS/)
    }
  })
}

test('a machine without the library says what to install', () => {
  const program = join(import.meta.dirname, 'openzfs-without-library.ts')
  const calls = JSON.stringify([
    ['existsSync', 'tank'],
    ['snapshotSync', ['tank@x']],
    ['existsSync', 'no such name!'],
  ])
  const answers = JSON.parse(execFileSync(process.execPath, [program, calls], { encoding: 'utf8' }))
  assert.is(answers[2].answer, false)
  for (const { error } of answers.slice(0, 2) as { error: SerialisedError }[]) {
    assert.is(error.name, 'ZFSInitializationFailed')
    assert.match(error.message, /lib(zfs_core|nvpair)\.so\.3 cannot be loaded; install OpenZFS \(Debian/)
    assert.match(error.cause?.message ?? '', /cannot open shared object file/)
  }
})

test('numbers that mean the same for every call have their classes', () => {
  const kind = (errno: number): string | undefined => failed('destroy', ['tank/a'], errno)?.name
  assert.is(kind(E.EIO), 'ZIOError')
  assert.is(kind(E.ENOSPC), 'NoSpace')
  assert.is(kind(E.EDQUOT), 'QuotaExceeded')
  assert.is(kind(E.EROFS), 'ReadOnlyPool')
  assert.is(kind(E.EAGAIN), 'SuspendedPool')
  assert.is(kind(E.ENOTSUP), 'PropertyNotSupported')
  assert.is(kind(E.EBUSY), 'DatasetBusy')
  assert.instance(failed('destroy', ['tank/a'], E.EPERM), PermissionDenied)
  assert.instance(failed('destroy', ['tank/a'], E.EACCES), PermissionDenied)
  const old = failed('destroy', ['tank/a'], E.IOC_CMD_UNAVAIL)
  assert.instance(old, CallNotSupported)
  assert.is(old?.details.name, 'lzc_destroy')
  const other = failed('destroy', ['tank/a'], 1234)
  assert.instance(other, ZFSGenericError)
  assert.is(other?.details.errno, 1234)
  assert.is(failed('destroy', ['tank/a'], 0), undefined)
})

test('one number is told apart by what exists', () => {
  const rename = (existing: string[]): string | undefined =>
    failed('rename', ['tank/a', 'tank/b/c'], E.ENOENT, undefined, existing)?.name
  assert.is(rename([]), 'FilesystemNotFound')
  assert.is(rename(['tank/a']), 'ParentNotFound')
  const clone = (existing: string[]): string | undefined =>
    failed('clone', ['tank/b/c', 'tank/a@x'], E.ENOENT, undefined, existing)?.name
  assert.is(clone([]), 'SnapshotNotFound')
  assert.is(clone(['tank/a@x']), 'ParentNotFound')
  const children = failed('destroy', ['tank/a'], E.EEXIST)
  assert.instance(children, DatasetBusy)
  assert.match(children?.message ?? '', /it has children/)
})

test("the kernel's list of errors comes in the order of the names, with what it left out", () => {
  const names = ['tank/c@x', 'tank/a@x', 'tank/b@x']
  const errlist = { 'tank/a@x': E.EEXIST, N_MORE_ERRORS: 7, 'tank/c@x': E.ENOENT }
  const error = failed('snapshot', [names], E.EEXIST, errlist) as SnapshotFailure
  assert.equal(
    error.errors.map((each) => `${each.name} ${each.details.name}`),
    ['FilesystemNotFound tank/c', 'SnapshotExists tank/a@x'],
  )
  assert.is(error.suppressedCount, 7)
  // Without a list, the number is for the one name, or for nobody knows which.
  assert.is((failed('snapshot', [['tank/a@x']], E.ENOSPC) as SnapshotFailure).errors[0]?.details.name, 'tank/a@x')
  assert.is((failed('snapshot', [names], E.EXDEV, {}) as SnapshotFailure).errors[0]?.details.name, undefined)
})

test('missing snapshots are no failure to hold or release, other errors are', () => {
  const holds = { 'tank/a@x': 't', 'tank/b@x': 't' }
  assert.is(failed('hold', [holds], 0, { 'tank/b@x': E.ENOENT }), undefined)
  assert.is(failed('hold', [holds], E.ENOENT, { 'tank/a@x': E.ENOENT, 'tank/b@x': E.ENOENT }), undefined)
  const error = failed('hold', [holds], E.EEXIST, { 'tank/a@x': E.EEXIST, 'tank/b@x': E.ENOENT }, [
    'tank/b',
  ]) as HoldFailure
  assert.equal(
    error.errors.map((each) => each.name),
    ['HoldExists', 'SnapshotNotFound'],
  )
  assert.is(failed('hold', [holds], E.ENOENT)?.name, 'HoldFailure')
})

test('a gate lets so many through at once, in order, and failures too', async () => {
  const gate = new Gate(2)
  let running = 0
  let most = 0
  const order: number[] = []
  const work = (number: number) => async (): Promise<void> => {
    most = Math.max(most, ++running)
    order.push(number)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running--
    if (number % 3 === 0) throw new Error('as planned')
  }
  await Promise.allSettled(Array.from({ length: 20 }, (_, number) => gate.run(work(number))))
  assert.is(most, 2)
  assert.equal(
    order,
    order.toSorted((a, b) => a - b),
  )
  assert.equal(
    [undefined, '8', '1', 'x', '0', '99999'].map((size) => poolPlaces(size)),
    [3, 7, 1, 3, 3, 1023],
  )
})

test.run()
