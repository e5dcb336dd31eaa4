import type { CommandPayload } from './command.ts'
import type { Kind, ParentsOf } from './kind.ts'

/** What happens to a jail; `identifier` is its full name. */
export interface JailEvents {
  /** Base of all that happens to one jail. */
  JailEvent: Kind<'IocEvent'>

  /** A jail is made from a release, a template or nothing. */
  JailCreate: Kind<'JailEvent', { release?: string; template?: string }>
  /** The datasets of a new jail are made. */
  JailSkeleton: Kind<'JailEvent', { dataset?: string }>
  /** The configuration of a jail is written. */
  JailConfigWrite: Kind<'JailEvent', { path?: string }>
  /** A jail is stopped where it runs, and removed with its datasets and snapshots. */
  JailDestroy: Kind<'JailEvent'>
  /** A jail is copied: to another jail or to a dataset. */
  JailClone: Kind<'JailEvent', { source?: string; target?: string }>
  /** A jail gets another name, and its datasets with it. */
  JailRename: Kind<'JailEvent', { currentName?: string; newName?: string }>
  /** A jail's clones are made independent of what they were cloned from, which becomes a clone of the jail. */
  JailPromote: Kind<'JailEvent'>
  /** The host's `ioc migrate` turns a jail of another format into one of this one. */
  JailMigrationEvent: Kind<'JailEvent', { format?: string }>

  /** A jail is started, step by step. */
  JailStart: Kind<'JailEvent', { jid?: number }>
  /** The jails that a jail depends on are started before it. */
  JailDependantsStart: Kind<'JailEvent', { started?: readonly string[] }>
  /** One of the jails that another depends on is started; `identifier` is the dependency. */
  JailDependantStart: Kind<'JailEvent'>
  /** resolv.conf is written into a jail. */
  JailResolverConfig: Kind<'JailEvent'>
  /** The resource limits of a jail are set or cleared. */
  JailResourceLimitAction: Kind<'JailEvent', { action?: 'set' | 'clear'; limits?: readonly string[] }>
  /** The basejail's directories of the release are put in place. */
  BasejailStorageConfig: Kind<'JailEvent'>
  /** The lines of a jail's fstab that the system owns are brought up to date. */
  JailFstabUpdate: Kind<'JailEvent', { path?: string }>
  /** The kernel makes the jail. */
  JailAttach: Kind<'JailEvent', { jid?: number }>

  /** A jail is stopped; what fails does not stop the rest. */
  JailStop: Kind<'JailEvent'>
  /** What the system had mounted into a jail is unmounted. */
  TeardownSystemMounts: Kind<'JailStop'>
  /** The interfaces of a jail are taken away. */
  JailNetworkTeardown: Kind<'JailStop'>
  /** The kernel removes the jail, and with it every process that is left. */
  JailRemove: Kind<'JailEvent'>
  /** A jail is stopped and started again. */
  JailRestart: Kind<'JailEvent'>
  /** A jail's own rc scripts are run to shut it down, without removing it. */
  JailSoftShutdown: Kind<'JailEvent'>

  /** Base of what happens to virtual networks. */
  VnetEvent: Kind<'JailEvent'>
  /** The network of a jail is set up. */
  JailNetworkSetup: Kind<'VnetEvent'>
  /** One interface is made, moved into the jail and addressed, or taken away. */
  VnetInterfaceConfig: Kind<
    'JailNetworkSetup',
    { interface?: string; bridge?: string; mac?: string; addresses?: readonly string[] }
  >
  /** The loopback interface of a virtual network is brought up. */
  VnetSetupLocalhost: Kind<'JailNetworkSetup'>
  /** The default routes of a virtual network are set. */
  VnetSetRoutes: Kind<'JailNetworkSetup', { routes?: readonly string[] }>

  /** Base of device file systems. */
  DevFSEvent: Kind<'JailEvent', { target?: string }>
  /** /dev of a jail is mounted. */
  MountDevFS: Kind<'DevFSEvent', { ruleset?: number }>
  /** /dev/fd of a jail is mounted. */
  MountFdescfs: Kind<'DevFSEvent'>
  /** /proc of a jail is mounted. */
  MountProcfs: Kind<'JailEvent', { target?: string }>
  /** Base of what happens to a jail's fstab. */
  FstabEvent: Kind<'JailEvent', { path?: string }>
  /** The lines of a jail's fstab are mounted. */
  MountFstab: Kind<'FstabEvent'>
  /** The lines of a jail's fstab are unmounted. */
  UnmountFstab: Kind<'FstabEvent'>
  /** Datasets are given to a jail to administer. */
  JailZFSShare: Kind<'JailEvent'>
  /** One dataset is given to a jail. */
  AttachZFSDataset: Kind<'JailZFSShare', { dataset?: string }>

  /** A command of the configuration is run, on the host or in the jail. */
  JailHook: Kind<'JailEvent', CommandPayload>
  /** `exec_prestart`, on the host, before the jail is made. */
  JailHookPrestart: Kind<'JailHook'>
  /** `exec_created`, on the host, when the jail has been made. */
  JailHookCreated: Kind<'JailHook'>
  /** `exec_start`, in the jail: its rc scripts. */
  JailHookStart: Kind<'JailHook'>
  /** `exec_poststart`, on the host, when the jail is up. */
  JailHookPoststart: Kind<'JailHook'>
  /** `exec_prestop`, on the host, before anything is stopped. */
  JailHookPrestop: Kind<'JailHook'>
  /** `exec_stop`, in the jail: its rc scripts. */
  JailHookStop: Kind<'JailHook'>
  /** `exec_poststop`, on the host, when the jail is gone. */
  JailHookPoststop: Kind<'JailHook'>
  /** The check of a jail that others depend on is run until it passes. */
  JailReady: Kind<'JailHook'>
  /** A command is run in a jail because somebody asked for it. */
  JailCommand: Kind<'JailHook', { argv?: readonly string[] }>

  /** A jail is provisioned from its source. */
  JailProvisioning: Kind<'JailEvent', { method?: string; source?: string }>
  /** What a provisioner needs is downloaded. */
  JailProvisioningAssetDownload: Kind<'JailEvent', { url?: string }>
  /** r10k fetches the environments of a control repository. */
  R10kDeployEvent: Kind<'JailEvent', { source?: string }>
  /** Puppet applies its catalogue in the jail. */
  PuppetApplyEvent: Kind<'JailEvent', { environment?: string }>
}

export const jailEvents: ParentsOf<JailEvents> = {
  JailEvent: 'IocEvent',
  JailCreate: 'JailEvent',
  JailSkeleton: 'JailEvent',
  JailConfigWrite: 'JailEvent',
  JailDestroy: 'JailEvent',
  JailClone: 'JailEvent',
  JailRename: 'JailEvent',
  JailPromote: 'JailEvent',
  JailMigrationEvent: 'JailEvent',
  JailStart: 'JailEvent',
  JailDependantsStart: 'JailEvent',
  JailDependantStart: 'JailEvent',
  JailResolverConfig: 'JailEvent',
  JailResourceLimitAction: 'JailEvent',
  BasejailStorageConfig: 'JailEvent',
  JailFstabUpdate: 'JailEvent',
  JailAttach: 'JailEvent',
  JailStop: 'JailEvent',
  TeardownSystemMounts: 'JailStop',
  JailNetworkTeardown: 'JailStop',
  JailRemove: 'JailEvent',
  JailRestart: 'JailEvent',
  JailSoftShutdown: 'JailEvent',
  VnetEvent: 'JailEvent',
  JailNetworkSetup: 'VnetEvent',
  VnetInterfaceConfig: 'JailNetworkSetup',
  VnetSetupLocalhost: 'JailNetworkSetup',
  VnetSetRoutes: 'JailNetworkSetup',
  DevFSEvent: 'JailEvent',
  MountDevFS: 'DevFSEvent',
  MountFdescfs: 'DevFSEvent',
  MountProcfs: 'JailEvent',
  FstabEvent: 'JailEvent',
  MountFstab: 'FstabEvent',
  UnmountFstab: 'FstabEvent',
  JailZFSShare: 'JailEvent',
  AttachZFSDataset: 'JailZFSShare',
  JailHook: 'JailEvent',
  JailHookPrestart: 'JailHook',
  JailHookCreated: 'JailHook',
  JailHookStart: 'JailHook',
  JailHookPoststart: 'JailHook',
  JailHookPrestop: 'JailHook',
  JailHookStop: 'JailHook',
  JailHookPoststop: 'JailHook',
  JailReady: 'JailHook',
  JailCommand: 'JailHook',
  JailProvisioning: 'JailEvent',
  JailProvisioningAssetDownload: 'JailEvent',
  R10kDeployEvent: 'JailEvent',
  PuppetApplyEvent: 'JailEvent',
}
