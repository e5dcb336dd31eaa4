/** Every error that ZFS, real or embedded, throws on purpose. */
export {
  ArgumentInvalid,
  BookmarkDestructionFailure,
  BookmarkFailure,
  CallNotSupported,
  HoldFailure,
  HoldReleaseFailure,
  type MultipleFailureInput,
  MultipleOperationsFailure,
  NotSupportedOnEmbedded,
  OutputNotUnderstood,
  PermissionDenied,
  PlatformNotSupported,
  ReceivePropertyFailure,
  SnapshotDestructionFailure,
  SnapshotFailure,
  type Text,
  ZFSCommandFailed,
  ZFSError,
  ZFSGenericError,
  ZFSInitializationFailed,
  type ZfsErrorDetails,
  type ZfsErrorInput,
} from './errors/base.ts'
export * from './errors/dataset.ts'
export * from './errors/dependents.ts'
export * from './errors/pool.ts'
export * from './errors/snapshot.ts'
export * from './errors/stream.ts'
export * from './errors/vdev.ts'
