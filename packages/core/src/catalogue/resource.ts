import type { Kind, ParentsOf } from './kind.ts'

/** What happens to a jail or a release alike; `identifier` is its full name. */
export interface ResourceEvents {
  /** Base of what happens to a resource, whatever it is. */
  ResourceEvent: Kind<'IocEvent'>

  /** A resource is brought to another patch level or release. */
  ResourceUpdate: Kind<'ResourceEvent', { from?: string; to?: string }>
  /** The updater is run, with all that it needs around it. */
  RunResourceUpdate: Kind<'ResourceUpdate'>
  /** The updater's own command runs. */
  ExecuteResourceUpdate: Kind<'ResourceUpdate'>

  /** Base of what happens to the snapshots of a resource. */
  SnapshotEvent: Kind<'ResourceEvent', { snapshot?: string }>
  /** All datasets of a resource are held fast, in one transaction. */
  SnapshotCreate: Kind<'SnapshotEvent'>
  /** A snapshot of a resource is deleted. */
  SnapshotDelete: Kind<'SnapshotEvent'>
  /** A resource is set back to one of its snapshots. */
  SnapshotRollback: Kind<'SnapshotEvent'>

  /** A resource is exported to an archive or a directory, or imported from there. */
  ResourceBackup: Kind<'IocEvent', { source?: string; destination?: string }>
  /** The configuration is exported. */
  ExportConfig: Kind<'ResourceBackup'>
  /** The fstab is exported. */
  ExportFstab: Kind<'ResourceBackup'>
  /** The root dataset is exported. */
  ExportRootDataset: Kind<'ResourceBackup'>
  /** All other datasets are exported. */
  ExportOtherDatasets: Kind<'ResourceBackup'>
  /** One other dataset is exported; `identifier` has its name below the resource's. */
  ExportOtherDataset: Kind<'ResourceBackup', { dataset?: string; flags?: readonly string[] }>
  /** What was exported is put into one archive. */
  BundleBackup: Kind<'ResourceBackup'>
  /** The archive is unpacked. */
  ExtractBundle: Kind<'ResourceBackup'>
  /** The configuration is imported. */
  ImportConfig: Kind<'ResourceBackup'>
  /** The fstab is imported, with its paths adapted. */
  ImportFstab: Kind<'ResourceBackup'>
  /** The root dataset is imported. */
  ImportRootDataset: Kind<'ResourceBackup'>
  /** All other datasets are imported. */
  ImportOtherDatasets: Kind<'ResourceBackup'>
  /** One other dataset is imported. */
  ImportOtherDataset: Kind<'ResourceBackup', { dataset?: string }>
}

export const resourceEvents: ParentsOf<ResourceEvents> = {
  ResourceEvent: 'IocEvent',
  ResourceUpdate: 'ResourceEvent',
  RunResourceUpdate: 'ResourceUpdate',
  ExecuteResourceUpdate: 'ResourceUpdate',
  SnapshotEvent: 'ResourceEvent',
  SnapshotCreate: 'SnapshotEvent',
  SnapshotDelete: 'SnapshotEvent',
  SnapshotRollback: 'SnapshotEvent',
  ResourceBackup: 'IocEvent',
  ExportConfig: 'ResourceBackup',
  ExportFstab: 'ResourceBackup',
  ExportRootDataset: 'ResourceBackup',
  ExportOtherDatasets: 'ResourceBackup',
  ExportOtherDataset: 'ResourceBackup',
  BundleBackup: 'ResourceBackup',
  ExtractBundle: 'ResourceBackup',
  ImportConfig: 'ResourceBackup',
  ImportFstab: 'ResourceBackup',
  ImportRootDataset: 'ResourceBackup',
  ImportOtherDatasets: 'ResourceBackup',
  ImportOtherDataset: 'ResourceBackup',
}
