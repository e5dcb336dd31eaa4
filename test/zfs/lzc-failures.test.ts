import {
  EncryptionKeyInvalid,
  EncryptionKeyNotLoaded,
  type MultipleOperationsFailure,
  PermissionDenied,
  type ZCPError,
  type ZFSError,
} from '@gaoler/zfs'
import { E, type ErrnoName } from '../../packages/zfs/src/errno.ts'
import type { Call, OutValue } from '../../packages/zfs/src/lzc/call.ts'
import { failureOf } from '../../packages/zfs/src/lzc/failures.ts'
import { table } from '../../packages/zfs/src/lzc/table.ts'
import { assert, suite } from '../harness.ts'

const test = suite('zfs/lzc-failures')

type Name = keyof typeof table
interface Given {
  readonly out?: readonly OutValue[]
  /** Names of what exists at the time of the failure. */
  readonly existing?: readonly string[]
}

const failure = (name: Name, args: unknown[], errno: number, { out = [], existing = [] }: Given = {}) =>
  failureOf(table[name] as unknown as Call<unknown[], unknown>, args, {
    errno,
    out,
    exists: (asked) => existing.includes(asked),
  }) as ZFSError

/** Class and name of the error for one number. */
const said = (name: Name, args: unknown[], errno: ErrnoName, given?: Given): string => {
  const error = failure(name, args, E[errno], given)
  assert.is(error.details.errno, E[errno])
  return `${error.name} ${error.details.name ?? '-'}`
}

/** As `said`, of each error of a failure of several. */
const each = (name: Name, args: unknown[], errlist: Record<string, number | bigint>, given?: Given): string[] => {
  const out = [new Map(Object.entries(errlist)) as OutValue]
  const error = failure(name, args, E.EINVAL, { ...given, out }) as unknown as MultipleOperationsFailure
  return error.errors.map((one) => `${one.name} ${one.details.name ?? '-'}`)
}

test('bookmark', () => {
  const asked = [{ 'tank/a#m': 'tank/a@x', 'tank/b#m': 'tank/b#o' }]
  const list = { 'tank/b#m': E.ESRCH, 'tank/a#m': E.ENOENT }
  assert.equal(each('bookmark', asked, list), ['SnapshotNotFound tank/a@x', 'BookmarkNotFound tank/b#o'])
  assert.equal(each('bookmark', asked, { 'tank/a#m': E.ENOENT }, { existing: ['tank/a@x'] }), [
    'FilesystemNotFound tank/a',
  ])
  const all = (errno: number): string[] => each('bookmark', asked, { 'tank/a#m': errno })
  assert.equal(all(E.EEXIST), ['BookmarkExists tank/a#m'])
  assert.equal(all(E.EINVAL), ['BookmarkSourceInvalid tank/a@x'])
  assert.equal(all(E.ENOTSUP), ['BookmarkNotSupported tank/a#m'])
  assert.equal(all(E.BOOKMARK_SOURCE_NOT_ANCESTOR), ['BookmarkMismatch tank/a@x'])
  assert.equal(all(E.ENOSPC), ['NoSpace tank/a#m'])
  assert.equal(each('destroyBookmarks', [['tank#a', 'tank#b']], { 'tank#b': E.EINVAL, N_MORE_ERRORS: 3 }), [
    'BookmarkNameInvalid tank#b',
  ])
})

test('rollback', () => {
  assert.is(said('rollback', ['tank/a'], 'ESRCH'), 'SnapshotNotFound tank/a@')
  assert.is(said('rollback', ['tank/a'], 'ENOENT'), 'FilesystemNotFound tank/a')
  assert.is(said('rollback', ['tank/a'], 'EBUSY'), 'DatasetBusy tank/a')
  const to = ['tank/a', 'tank/a@x']
  assert.is(said('rollbackTo', to, 'EEXIST', { existing: ['tank/a@x'] }), 'SnapshotNotLatest tank/a@x')
  assert.is(failure('rollbackTo', to, E.EEXIST).name, 'SnapshotNotFound')
  assert.is(said('snaprangeSpace', ['t@a', 't@b'], 'ENOENT', { existing: ['t@a'] }), 'SnapshotNotFound t@b')
})

test('send: what is missing is named, and all else is of the stream', () => {
  const from = (origin?: string): unknown[] => ['tank@b', 1, { from: origin }]
  assert.is(said('send', from(), 'ENOENT'), 'SnapshotNotFound tank@b')
  assert.is(said('send', from('tank@a'), 'ENOENT', { existing: ['tank@b'] }), 'SnapshotNotFound tank@a')
  assert.is(said('send', from('tank#a'), 'ESRCH', { existing: ['tank@b'] }), 'BookmarkNotFound tank#a')
  assert.is(said('sendRedacted', ['tank@b', 1, 'r'], 'ESRCH', { existing: ['tank@b'] }), 'BookmarkNotFound tank#r')
  assert.is(said('send', from('tank@a'), 'EXDEV'), 'SnapshotMismatch tank@a')
  assert.is(said('send', from(), 'EACCES'), 'EncryptionKeyNotLoaded tank')
  for (const errno of ['EPIPE', 'EINTR', 'EIO', 'EBADF', 'ENOSPC', 'EAGAIN', 'EINVAL'] as const) {
    assert.is(said('send', from(), errno), 'StreamIOError tank@b')
  }
  assert.is(failure('send', from(), 1234).name, 'ZFSGenericError')
  assert.is(failure('send', from(), 77).name, 'StreamIOError')
  assert.instance(failure('send', from(), E.EPERM), PermissionDenied)
  assert.is(failure('send', from(), E.IOC_CMD_UNAVAIL).name, 'CallNotSupported')
  // An estimate writes no stream.
  assert.is(said('sendSpace', ['tank@b', {}], 'EIO'), 'ZIOError tank@b')
})

test('receive: every number of pyzfs, and those that it drops', () => {
  const classes: readonly [ErrnoName, string][] = [
    ['EINVAL', 'BadStream -'],
    ['ECKSUM', 'BadStream -'],
    ['ENOTSUP', 'StreamFeatureNotSupported -'],
    ['ENODEV', 'StreamMismatch tank/a'],
    ['ETXTBSY', 'DestinationModified tank/a'],
    ['EBUSY', 'DatasetBusy tank/a'],
    ['ENOSPC', 'NoSpace tank/a'],
    ['EDQUOT', 'QuotaExceeded tank/a'],
    ['ENAMETOOLONG', 'NameTooLong tank/a@x'],
    ['EROFS', 'ReadOnlyPool tank'],
    ['EAGAIN', 'SuspendedPool tank'],
    ['EACCES', 'EncryptionKeyNotLoaded tank/a'],
    ['WRONG_PARENT', 'WrongParent tank/a'],
    ['BADPROP', 'PropertyInvalid tank/a'],
    ['STREAM_TRUNCATED', 'StreamTruncated tank/a@x'],
    ['FROM_IVSET_GUID_MISSING', 'StreamIvsetGuidMissing tank/a@x'],
    ['FROM_IVSET_GUID_MISMATCH', 'StreamIvsetGuidMismatch tank/a@x'],
    ['SPILL_BLOCK_FLAG_MISSING', 'StreamSpillFlagMissing tank/a@x'],
    ['UNKNOWN_SEND_STREAM_FEATURE', 'UnknownStreamFeature tank/a@x'],
    ['STREAM_LARGE_BLOCK_MISMATCH', 'StreamLargeBlockMismatch tank/a@x'],
    ['RESUME_EXISTS', 'ResumeExists tank/a@x'],
    ['CRYPTO_NOTSUP', 'CryptoNotSupported tank/a@x'],
    ['STREAM_LARGE_MICROZAP', 'StreamLargeMicrozap tank/a@x'],
    ['EIO', 'StreamIOError tank/a@x'],
  ]
  for (const [errno, expected] of classes) assert.is(said('receive', ['tank/a@x', 1], errno), expected)
  const exists = (existing: readonly string[]): string => said('receive', ['tank/a@x', 1], 'EEXIST', { existing })
  assert.is(exists(['tank/a']), 'DatasetExists tank/a')
  assert.is(exists(['tank/a', 'tank/a@x']), 'DatasetExists tank/a@x')
  const missing = (existing: readonly string[], origin?: string): string =>
    said('receive', ['tank/b/a@x', 1, { origin }], 'ENOENT', { existing })
  assert.is(missing([]), 'DatasetNotFound tank/b')
  assert.is(missing(['tank/b']), 'DatasetNotFound tank/b/a')
  assert.is(missing(['tank/b'], 'tank@o'), 'DatasetNotFound tank@o')
})

test('received data with refused properties are a failure that names each property', () => {
  const output = (errors: Record<string, number>): unknown =>
    table.receiveOne.output([5n, 0n, 0n, new Map(Object.entries(errors))], 'tank/a@x', 1, new Uint8Array(312))
  assert.equal(output({}), { bytes: 5n, errorFlags: 0n })
  try {
    output({ atime: E.EINVAL, quota: E.ENOSPC, N_MORE_ERRORS: 2 })
    assert.unreachable()
  } catch (thrown) {
    const { errors, suppressedCount, name } = thrown as MultipleOperationsFailure
    assert.is(name, 'ReceivePropertyFailure')
    assert.equal(
      errors.map((error) => error.name),
      ['PropertyInvalid', 'ZFSGenericError'],
    )
    assert.equal([errors[0]?.details.property, errors[1]?.details.name], ['atime', 'quota'])
    assert.is(suppressedCount, 2)
  }
})

test('programs: what Lua said is kept', () => {
  const run = (errno: ErrnoName, error?: string): ZCPError =>
    failure('channelProgram', ['tank', 'x'], E[errno], {
      out: [error ? new Map([['error', error]]) : undefined],
    }) as never
  assert.is(run('EINVAL').name, 'ZCPLimitInvalid')
  assert.is(run('EINVAL', 'syntax').name, 'ZCPSyntaxError')
  assert.is(run('ECHRNG', 'oh no').details.message, 'oh no')
  const classes = (['ETIME', 'ENOMEM', 'ENOSPC', 'EPERM', 'ENOENT'] as const).map((errno) => run(errno).name)
  assert.equal(classes, ['ZCPTimeout', 'ZCPMemoryError', 'ZCPSpaceError', 'ZCPPermissionError', 'PoolNotFound'])
})

test('keys, checkpoints and devices', () => {
  assert.instance(failure('loadKey', ['tank', new Uint8Array(32)], E.EACCES), EncryptionKeyInvalid)
  assert.instance(failure('unloadKey', ['tank'], E.EACCES), EncryptionKeyNotLoaded)
  assert.is(said('loadKey', ['tank'], 'EEXIST'), 'EncryptionKeyAlreadyLoaded tank')
  const checkpoint = (errno: ErrnoName): string => said('poolCheckpoint', ['tank'], errno)
  assert.is(checkpoint('CHECKPOINT_EXISTS'), 'CheckpointExists tank')
  assert.is(checkpoint('NO_CHECKPOINT'), 'CheckpointNotFound tank')
  assert.is(checkpoint('DISCARDING_CHECKPOINT'), 'CheckpointDiscarding tank')
  assert.is(checkpoint('DEVRM_IN_PROGRESS'), 'DeviceRemovalRunning tank')
  assert.is(checkpoint('VDEV_TOO_BIG'), 'DeviceTooBig tank')
  assert.is(checkpoint('RAIDZ_EXPAND_IN_PROGRESS'), 'RaidzExpansionRunning tank')
  const vdevs = new Map(Object.entries({ 9: BigInt(E.EBUSY), 8: BigInt(E.ENODEV), 7: BigInt(E.EINVAL) }))
  const out = [new Map([['trim_vdevs', vdevs]])]
  const trim = failure('trim', ['tank', 'start', [7n, 8n, 9n]], E.EINVAL, {
    out,
  }) as unknown as MultipleOperationsFailure
  assert.equal(
    trim.errors.map((error) => `${error.name} ${error.details.name}`),
    ['VdevNotLeaf 7', 'VdevNotFound 8', 'VdevBusy 9'],
  )
  assert.is(said('scrub', ['tank'], 'ENOENT', { existing: ['tank'] }), 'ScanNotRunning tank')
  assert.is(said('poolPrefetch', ['tank', 'brt'], 'EINVAL'), 'CallNotSupported lzc_pool_prefetch of "brt"')
})

test('numbers of ZFS itself mean the same in every call', () => {
  const classes: readonly [ErrnoName, string][] = [
    ['EXPORT_IN_PROGRESS', 'PoolExporting'],
    ['RESILVER_IN_PROGRESS', 'ResilverRunning'],
    ['REBUILD_IN_PROGRESS', 'RebuildRunning'],
    ['VDEV_NOTSUP', 'VdevNotSupported'],
    ['NOT_USER_NAMESPACE', 'NotUserNamespace'],
    ['ASHIFT_MISMATCH', 'AshiftMismatch'],
    ['TOO_MANY_SITOUTS', 'TooManySitouts'],
    ['NO_USER_NS_SUPPORT', 'UserNamespaceNotSupported'],
  ]
  for (const name of ['destroy', 'send', 'wait', 'reopen'] as const) {
    for (const [errno, expected] of classes) assert.is(failure(name, ['tank'], E[errno]).name, expected)
  }
})

test.run()
