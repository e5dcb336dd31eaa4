import { IocError, reviveError } from '@gaoler/core'
import * as zfs from '../../packages/zfs/src/errors.ts'
import { readErrors } from '../../tools/docs/errors.ts'
import { assert, suite } from '../harness.ts'

const test = suite('zfs/errors')

type Known = (new (details: Record<string, unknown>) => zfs.ZFSError) & { readonly code: string }
const classes = Object.entries(zfs).filter(([name]) => name !== 'ZFSError') as unknown as [string, Known][]
const isMultiple = (kind: Known): boolean =>
  kind === (zfs.MultipleOperationsFailure as unknown) || kind.prototype instanceof zfs.MultipleOperationsFailure

/** pyzfs's classes, each with its parent: what a user of pyzfs finds again. */
const pyzfs = `
  ZFSGenericError ZFSError, ZFSInitializationFailed ZFSError, MultipleOperationsFailure ZFSError,
  SnapshotFailure MultipleOperationsFailure, SnapshotDestructionFailure MultipleOperationsFailure,
  BookmarkFailure MultipleOperationsFailure, BookmarkDestructionFailure MultipleOperationsFailure,
  HoldFailure MultipleOperationsFailure, HoldReleaseFailure MultipleOperationsFailure,
  ReceivePropertyFailure MultipleOperationsFailure, DatasetNotFound ZFSError, FilesystemNotFound DatasetNotFound,
  SnapshotNotFound DatasetNotFound, DatasetExists ZFSError, FilesystemExists DatasetExists,
  SnapshotExists DatasetExists, ParentNotFound ZFSError, WrongParent ZFSError, NotClone ZFSError,
  SnapshotNotLatest ZFSError, SnapshotIsCloned ZFSError, SnapshotIsHeld ZFSError, DuplicateSnapshots ZFSError,
  SnapshotMismatch ZFSError, BookmarkExists ZFSError, BookmarkNotFound ZFSError, BookmarkMismatch ZFSError,
  BookmarkSourceInvalid ZFSError, BookmarkNotSupported ZFSError, BadHoldCleanupFD ZFSError, HoldExists ZFSError,
  HoldNotFound ZFSError, StreamMismatch ZFSError, DestinationModified ZFSError, BadStream ZFSError,
  StreamFeatureNotSupported ZFSError, UnknownStreamFeature ZFSError, StreamFeatureInvalid ZFSError,
  StreamFeatureIncompatible ZFSError, StreamTruncated ZFSError, StreamIOError ZFSError, ZIOError ZFSError,
  NoSpace ZFSError, QuotaExceeded ZFSError, DatasetBusy ZFSError, NameTooLong ZFSError, NameInvalid ZFSError,
  SnapshotNameInvalid NameInvalid, FilesystemNameInvalid NameInvalid, BookmarkNameInvalid NameInvalid,
  ReadOnlyPool ZFSError, SuspendedPool ZFSError, PoolNotFound ZFSError, PoolsDiffer ZFSError,
  FeatureNotSupported ZFSError, PropertyNotSupported ZFSError, PropertyInvalid ZFSError, DatasetTypeInvalid ZFSError,
  UnknownCryptCommand ZFSError, EncryptionKeyNotLoaded ZFSError, EncryptionKeyAlreadyLoaded ZFSError,
  EncryptionKeyInvalid ZFSError, ZCPError ZFSError, ZCPSyntaxError ZCPError, ZCPRuntimeError ZCPError,
  ZCPLimitInvalid ZCPError, ZCPTimeout ZCPError, ZCPSpaceError ZCPError, ZCPMemoryError ZCPError,
  ZCPPermissionError ZCPError, CheckpointExists ZFSError, CheckpointNotFound ZFSError, CheckpointDiscarding ZFSError,
  DeviceRemovalRunning ZFSError, DeviceTooBig ZFSError, RaidzExpansionRunning ZFSError`

test("pyzfs's classes are all there, each below its parent", () => {
  const known = new Map<string, unknown>(Object.entries(zfs))
  for (const line of pyzfs.trim().split(/,\s*/)) {
    const [name = '', parent = ''] = line.split(' ')
    assert.is(Object.getPrototypeOf(known.get(name))?.name, parent, name)
  }
})

test('every class has a code of its own, a number, and comes back through JSON as itself', () => {
  const codes = new Set<string>()
  for (const [name, Kind] of classes) {
    const details = isMultiple(Kind) ? { errors: [new zfs.SnapshotExists({ name: 'tank/a@x' })] } : { name: 'tank/a@x' }
    const error = new Kind({ ...details, command: ['zfs'], stderr: '' })
    assert.instance(error, IocError)
    assert.match(error.code, /^ZFS_[A-Z_]+$/)
    assert.not(codes.has(error.code), `${name} has the code ${error.code} of another class`)
    codes.add(error.code)
    assert.ok(Number.isInteger(error.details.errno) && error.details.errno > 0, name)
    const back = reviveError(JSON.parse(JSON.stringify(error)))
    assert.is(back.constructor, Kind)
    assert.is(back.message, error.message)
  }
  assert.ok(codes.size > 70, `${codes.size}`)
})

test('a message names what was asked, what was found and what to do', () => {
  const error = new zfs.FilesystemExists({ name: 'tank/a', asked: 'create "tank/a"' })
  assert.is(
    error.message,
    'cannot create "tank/a": the filesystem or volume "tank/a" exists already; choose another name or destroy it',
  )
  for (const [name, Kind] of classes) {
    if (isMultiple(Kind) || name === 'ZFSCommandFailed') continue
    assert.match(new Kind({ name: 'tank/a', message: 'x' }).message, /; |^the call|: x$/, name)
    assert.not.match(new Kind({ message: 'x', reason: 'y' }).message, /undefined|(?<!or )null|(for|of|at) of/, name)
  }
})

test('every class says what helps, and nothing of it is missing in docs/errors.md', () => {
  const documented = new Map(readErrors().map((doc) => [doc.name, doc.remedy]))
  for (const [name] of classes) assert.match(documented.get(name) ?? '', /\.$/, `${name} has no @remedy`)
})

test('details hold what was given, the number by default of the class, and nothing that is undefined', () => {
  assert.equal(new zfs.PoolsDiffer({ name: 'a', asked: undefined }).details, { name: 'a', errno: 18 })
  assert.is(new zfs.StreamIOError({ errno: 32 }).details.errno, 32)
})

test('a failure of several keeps their errors, in order, also in another process', () => {
  const errors = [new zfs.SnapshotExists({ name: 'p/a@x' }), new zfs.FilesystemNotFound({ name: 'p/b' })]
  const error = new zfs.SnapshotFailure({ errors, suppressedCount: 3, asked: 'take "p/a@x"' })
  assert.is(error.errors[0], errors[0])
  assert.is(error.details.errno, errors[0]?.details.errno)
  assert.match(error.message, /^cannot take "p\/a@x": the snapshot "p\/a@x" exists already; .* \(and 4 more/)
  const back = reviveError(structuredClone(error.toJSON())) as zfs.SnapshotFailure
  assert.equal(
    back.errors.map(({ name, details }) => [name, details.name]),
    [
      ['SnapshotExists', 'p/a@x'],
      ['FilesystemNotFound', 'p/b'],
    ],
  )
  assert.instance(back.errors[1], zfs.FilesystemNotFound)
  assert.is(back.suppressedCount, 3)
})

test.run()
