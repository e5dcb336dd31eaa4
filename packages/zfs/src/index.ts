/**
 * # @gaoler/zfs
 *
 * ZFS from TypeScript: `libzfs_core` bound without a compiler, the few things that only the command `zfs` can do, and an
 * _embedded_ ZFS that keeps datasets as plain directories where there is no ZFS at all. The last behaves like the first two,
 * down to the errors: one suite of tests runs on both.
 *
 * ## Install
 *
 * ```sh
 * npm install @gaoler/zfs
 * ```
 * Real ZFS needs OpenZFS 2.0 or newer: on Debian and Ubuntu `apt install zfsutils-linux`, on FreeBSD it is part of the system.
 * Nothing is loaded before the first call; without ZFS that throws `ZFSInitializationFailed`. The embedded ZFS needs nothing.
 *
 * ```ts
 * import { embeddedZfs, openZfs, type Zfs } from '@gaoler/zfs'
 *
 * const real: Zfs = openZfs()
 * const embedded = embeddedZfs({ directory: '/tmp/zfs' })
 * embedded.pools.createSync('tank')
 * const zfs: Zfs = embedded // or real: what follows is the same
 * ```
 * Every call below exists twice: `zfs.snapshot(…)` returns a promise, `zfs.snapshotSync(…)` blocks.
 *
 * ## Eight examples
 *
 * **A filesystem.** `create` is libzfs_core's: it does not mount.
 *
 * ```ts
 * await zfs.create('tank/www', { props: { quota: '10G', atime: false, 'org.example:owner': 'web team' } })
 * await zfs.mount('tank/www')
 * ```
 *
 * **Snapshots**, of several datasets at one moment: all or none.
 *
 * ```ts
 * await zfs.snapshot(['tank/www@monday', 'tank/db@monday'], { props: { 'org.example:by': 'cron' } })
 * await zfs.hold({ 'tank/db@monday': 'until-copied' })
 * await zfs.destroySnaps(['tank/www@monday', 'tank/db@monday'], { defer: true }) // the held one goes when it is released
 * await zfs.release({ 'tank/db@monday': ['until-copied'] })
 * ```
 *
 * **A clone**, and turning it into the original.
 *
 * ```ts
 * await zfs.snapshot(['tank/www@base'])
 * await zfs.clone('tank/test', 'tank/www@base')
 * await zfs.promote('tank/test') // tank/www now depends on tank/test@base
 * ```
 *
 * **Reading**, with the source of each value. Ask only for what you need.
 *
 * ```ts
 * const types = ['filesystem'] as const
 * for (const { name, properties } of await zfs.list({ types, root: 'tank', properties: ['used', 'mountpoint'] })) {
 *   const { value, source, from } = properties.mountpoint // a string
 *   console.log(name, properties.used.value / 1024n, value, source === 'inherited' ? `from ${from}` : source)
 * }
 * await zfs.set('tank/test', { compression: 'zstd', quota: '10G' }) // words and units, as on the command line
 * await zfs.inherit('tank/test', 'compression')
 * ```
 *
 * `names('tank', { depth: 1 })` gives names alone, several times faster; `iterate()` gives what `list()` does, one after the other.
 *
 * **Replication.** A snapshot is a stream of Node, and a stream becomes a snapshot; [all of it](../../docs/replicate.md).
 *
 * ```ts
 * import { drain } from '@gaoler/core'
 * import { receiveStream, sendStream } from '@gaoler/zfs'
 *
 * const { readable, operation } = sendStream(zfs, 'tank/test@base', { flags: ['large_blocks'] })
 * await drain(receiveStream(zfs, 'tank/copy', readable)) // or pipeline(readable, …), while `operation` tells the progress
 * await zfs.bookmark({ 'tank/test#base': 'tank/test@base' }) // a later stream may begin there when the snapshot is gone
 * await zfs.snapshot(['tank/test@tuesday'])
 * await drain(receiveStream(zfs, 'tank/copy', sendStream(zfs, 'tank/test@tuesday', { from: 'tank/test#base' }).readable))
 * ```
 *
 * **Whole trees**, as operations with events and `plan: true`: what stands against it is named before anything is touched.
 *
 * ```ts
 * import { drain } from '@gaoler/core'
 * import { destroyTree, snapshotTree } from '@gaoler/zfs'
 *
 * await drain(snapshotTree(zfs, 'tank/www@now')) // it and all below it
 * await drain(destroyTree(zfs, 'tank/www', { recursive: true, promoteDependants: true }))
 * ```
 *
 * **Pools, keys, rights**; more of [pools](../../docs/pools.md), [passphrases](../../docs/encryption.md) and
 * [giving datasets to others](../../docs/delegate.md). None of these three is on the embedded ZFS.
 *
 * ```ts
 * import { drain } from '@gaoler/core'
 * import { newPassphraseKey, scrubPool } from '@gaoler/zfs'
 *
 * const scan = await drain(scrubPool(zfs, 'tank'))
 * console.log(scan?.state, scan?.errors)
 * const { key, props } = await newPassphraseKey('correct horse battery')
 * await zfs.create('tank/private', { key, props: { ...props, encryption: 'aes-256-gcm' } })
 * await zfs.allow('tank/private', { user: 'nobody' }, ['snapshot', 'send'])
 * ```
 *
 * **Errors** are classes. Those of calls on several names carry one error for each name that failed, in order.
 *
 * ```ts
 * import { SnapshotExists, SnapshotFailure } from '@gaoler/zfs'
 *
 * try {
 *   zfs.snapshotSync(['tank/test@base', 'tank/db@now']) // the first exists: neither is taken
 * } catch (error) {
 *   if (!(error instanceof SnapshotFailure)) throw error
 *   for (const each of error.errors) console.log(each.code, each.details.name, each instanceof SnapshotExists)
 * }
 * ```
 *
 * ## Errors
 *
 * Names and ancestry are pyzfs's (`libzfs_core.exceptions`); each has a stable `code` (`ZFS_SNAPSHOT_EXISTS`), `details` with
 * `name` and `errno`, and a message that says what was asked, what was found and what to do.
 *
 * | what goes wrong         | class                                                                                                                                                                   |
 * | ----------------------- | ----------------------------------------------------------------------------------------------------------------------------------------------------------------------- |
 * | it does not exist       | `DatasetNotFound` › `FilesystemNotFound`, `SnapshotNotFound`; `ParentNotFound`, `PoolNotFound`, `HoldNotFound`                                                          |
 * | it exists               | `DatasetExists` › `FilesystemExists`, `SnapshotExists`; `HoldExists`, `BookmarkExists`                                                                                                    |
 * | it is needed            | `DatasetBusy` (mounted, children, snapshots), `SnapshotIsCloned`, `SnapshotIsHeld`, `DatasetHasDependents`                                                                                      |
 * | it cannot be so         | `NameInvalid` and its kinds, `NameTooLong`, `PropertyInvalid`, `DatasetTypeInvalid`, `WrongParent`, `NotClone`, `PoolsDiffer`, `DuplicateSnapshots`, `SnapshotMismatch` |
 * | several at once         | `MultipleOperationsFailure` › `SnapshotFailure`, `SnapshotDestructionFailure`, `HoldFailure`, `HoldReleaseFailure`                                                      |
 * | not allowed             | `PermissionDenied`                                                                                                                                                      |
 * | a pool, its devices     | `PoolNotFound`, `PoolExists`, `DeviceInUse`, `DeviceNotFound`, `VdevNotFound`, `VdevNeeded`, `VdevLayoutInvalid` |
 * | the pool                | `NoSpace`, `QuotaExceeded`, `ReadOnlyPool`, `SuspendedPool`, `ZIOError`                                                                                                 |
 * | no ZFS, or an older one | `ZFSInitializationFailed`, `CallNotSupported`                                                                                                                           |
 * | anything else           | `ZFSGenericError` (a number), `ZFSCommandFailed` (a command, with its words in `details.stderr`)                                                                        |
 *
 * Four habits to know:
 *
 * - `exists()` never throws for a name: one that is not valid does not exist. Of bookmarks libzfs_core knows nothing.
 * - `hold` and `release` return the names of what was missing; that is no failure. `destroySnaps` ignores it.
 * - Names are checked before the call, since the C library ends the process instead of failing.
 * - A call works on one pool, and on one snapshot of each filesystem.
 *
 * ## Values of properties
 *
 * One table has every property of OpenZFS 2.1 to 2.4: its kind, its words and their numbers, what may be set, on what. So
 * the name decides the type of what `list` and `get` give, at compile time too:
 *
 * | property                                          | value                                                                          |
 * | ------------------------------------------------- | ------------------------------------------------------------------------------ |
 * | sizes, counts, ids (`used`, `quota`, `guid`)      | `bigint`; no quota is `0n`                                                     |
 * | on or off, yes or no (`atime`, `mounted`)         | `boolean`                                                                      |
 * | other words (`compression`, `canmount`, `sync`)   | the word; a newer ZFS may have words that the type does not name               |
 * | `creation`, `snapshots_changed`                   | `Date`                                                                         |
 * | `compressratio`, `refcompressratio`               | `number`                                                                       |
 * | `clones`, `redact_snaps`                          | `string[]`                                                                     |
 * | texts and user properties                         | `string`                                                                       |
 * | what is not set, or what this dataset cannot have | `null`; the types of datasets that are listed say where that may be            |
 *
 * `create`, `clone`, `set` and the receiving calls take the same values, what `zfs set` takes (`'128k'`, `'none'`), and what
 * the kernel stores (`131072n`, `15n`). What cannot be is a `PropertyInvalid` before anything is done. `nativeProperty()`,
 * `propertyText()` and `propertyValue()` convert without ZFS.
 *
 * Lists are packed and unpacked by a codec of its own, which is useful without ZFS too:
 *
 * ```ts
 * import { nvlist } from '@gaoler/zfs'
 *
 * const packed = nvlist.encode({ guid: 2n ** 63n, flags: nvlist.u32(7), tags: ['a', 'b'] }, { format: 'xdr' })
 * nvlist.decode(packed).get('guid') // a Map, because names may be "__proto__"; nvlist.toObject() gives an object
 * ```
 *
 * ## What runs where
 *
 * |                 | Linux                                | FreeBSD                                                      | elsewhere                                      |
 * | --------------- | ------------------------------------ | ------------------------------------------------------------ | ---------------------------------------------- |
 * | `openZfs()`     | OpenZFS 2.0 … 2.4; tested with 2.3.2 | the libraries of the base system or of the port; not yet run | no                                             |
 * | `embeddedZfs()` | yes                                  | not yet run                                                  | see [embedded ZFS](../../docs/embedded-zfs.md) |
 * | `nvlist`        | yes                                  | yes                                                          | yes                                            |
 *
 * Reading (`exists`, `getHolds`, `list`, `get`) is open to every user who may open `/dev/zfs`; the rest needs root, or
 * `zfs allow`. On Linux mounting needs root in any case.
 *
 * Asynchronous calls of libzfs_core wait in libuv's threads, where files are read as well. All threads but one are used
 * (`UV_THREADPOOL_SIZE`, four by default); further calls wait their turn. Calls that may last for hours (`send`, `receive`, `wait`)
 * leave one more free and then have threads of their own: any number may be under way. Calls that change a pool share its next transaction
 * group when they run together: start them at once rather than one after the other.
 *
 * All functions with their versions, rights and tests: [docs/status.md](../../docs/status.md); pyzfs's names:
 * [docs/rosetta-pyzfs.md](../../docs/rosetta-pyzfs.md). Tests: `pnpm test zfs` anywhere; the same behaviour on real ZFS in the lab, `pnpm lab -- node test/run.ts zfs`.
 * Tasks: [snapshots and trees](../../docs/snapshots.md), [replication](../../docs/replicate.md), [rights, namespaces, jails](../../docs/delegate.md),
 * [passphrases](../../docs/encryption.md), [pools, scrub and trim](../../docs/pools.md).
 * Decisions: [the binding](../../docs/decisions/0003-zfs-binding.md), [the embedded ZFS](../../docs/decisions/0004-embedded-zfs.md).
 *
 * @packageDocumentation
 */
export * from './embedded/index.ts'
export * from './errors.ts'
export { type Hold, holds } from './holds.ts'
export * from './names.ts'
export * from './nvlist/errors.ts'
/** Packing and unpacking nvlists, and the types of values that JavaScript has no type for. */
export * as nvlist from './nvlist/index.ts'
export * from './openzfs.ts'
export * from './passphrase.ts'
export { scrubPool, trimPool, watchResilver } from './pool/operations.ts'
export * from './properties/index.ts'
export {
  type BeginRecord,
  parseHeader,
  receiveHeader,
  receiveHeaderSync,
  type StreamHeader,
} from './stream/begin-record.ts'
export type { StreamSource } from './stream/intake.ts'
export { type ReceiveStreamOptions, receiveStream, type StreamReceived } from './stream/receive.ts'
export { type SendStream, type SendStreamOptions, type Sent, sendStream } from './stream/send.ts'
export { parseResumeToken, type ResumeToken } from './stream/token.ts'
export * from './tree/index.ts'
export * from './zfs.ts'
