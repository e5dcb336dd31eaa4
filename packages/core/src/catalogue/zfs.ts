import type { Kind, ParentsOf } from './kind.ts'

/** What happens to datasets and snapshots; `identifier` is the dataset, or what the operation is about. */
export interface ZfsEvents {
  /** Base of what is done to ZFS. */
  ZFSEvent: Kind<'IocEvent'>
  /** A dataset gets another name. */
  ZFSDatasetRename: Kind<'ZFSEvent', { target?: string }>
  /** Datasets are destroyed. */
  ZFSDatasetDestroy: Kind<'ZFSEvent', { datasets?: readonly string[] }>
  /** Snapshots are made, all at the same moment. */
  ZFSSnapshotCreate: Kind<'ZFSEvent', { snapshots?: readonly string[] }>
  /** A snapshot gets another name. */
  ZFSSnapshotRename: Kind<'ZFSEvent', { target?: string }>
  /** A snapshot is cloned. */
  ZFSSnapshotClone: Kind<'ZFSEvent', { target?: string }>
  /** A clone takes over the snapshots up to the one that it was made from. */
  ZFSDatasetPromote: Kind<'ZFSEvent', { origin?: string }>
  /** A dataset is set back to a snapshot. */
  ZFSSnapshotRollback: Kind<'ZFSEvent', { target?: string }>
  /** Snapshots are destroyed. */
  ZFSSnapshotDestroy: Kind<'ZFSEvent', { snapshots?: readonly string[] }>
  /** A snapshot is sent as a stream; `from` is where that begins, `rate` how many bytes go through in a second. */
  ZFSSend: Kind<'ZFSEvent', { snapshot?: string; from?: string; rate?: number }>
  /** A stream is received as a snapshot, or a package of streams as several. */
  ZFSReceive: Kind<'ZFSEvent', { snapshot?: string; rate?: number }>
  /** All that a pool has is read and compared with its checksums. */
  ZFSPoolScrub: Kind<'ZFSEvent'>
  /** Devices of a pool are told what is free. */
  ZFSPoolTrim: Kind<'ZFSEvent'>
  /** A new or returned device is filled with what it should have. */
  ZFSPoolResilver: Kind<'ZFSEvent'>
}

export const zfsEvents: ParentsOf<ZfsEvents> = {
  ZFSEvent: 'IocEvent',
  ZFSDatasetRename: 'ZFSEvent',
  ZFSDatasetDestroy: 'ZFSEvent',
  ZFSSnapshotCreate: 'ZFSEvent',
  ZFSSnapshotRename: 'ZFSEvent',
  ZFSSnapshotClone: 'ZFSEvent',
  ZFSDatasetPromote: 'ZFSEvent',
  ZFSSnapshotRollback: 'ZFSEvent',
  ZFSSnapshotDestroy: 'ZFSEvent',
  ZFSSend: 'ZFSEvent',
  ZFSReceive: 'ZFSEvent',
  ZFSPoolScrub: 'ZFSEvent',
  ZFSPoolTrim: 'ZFSEvent',
  ZFSPoolResilver: 'ZFSEvent',
}
