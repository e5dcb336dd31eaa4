// What libioc has beside its classes, by its own names: docs/parity.md compares each with what is here.
import type { Part } from '../../test/jail/class-page.ts'

/** Why something is not here, or not used yet; a name of `parts`, or a sentence. */
export type Reason = Part | string

/** Kinds of libioc's events that nothing emits by itself. A base of other kinds needs no reason. */
export const silentEvents: Readonly<Record<string, Reason>> = {
  BootstrapPkg: 'packages',
  BundleBackup: 'backup',
  ExecuteResourceUpdate: 'updates',
  ExportConfig: 'backup',
  ExportFstab: 'backup',
  ExportOtherDataset: 'backup',
  ExportOtherDatasets: 'backup',
  ExportRootDataset: 'backup',
  ExtractBundle: 'backup',
  ImportConfig: 'backup',
  ImportFstab: 'backup',
  ImportOtherDataset: 'backup',
  ImportOtherDatasets: 'backup',
  ImportRootDataset: 'backup',
  JailMigrationEvent: 'the command line is a part of its own',
  JailProvisioning: 'provisioning',
  JailProvisioningAssetDownload: 'provisioning',
  PackageConfiguration: 'packages',
  PackageInstall: 'packages',
  PackageRemove: 'packages',
  PackageFetch: 'packages',
  PuppetApplyEvent: 'provisioning',
  R10kDeployEvent: 'provisioning',
  ReleaseUpdateDownload: 'updates',
  ReleaseUpdatePull: 'updates',
  RunResourceUpdate: 'updates',
  VnetInterfaceConfig: 'network',
  VnetSetupLocalhost: 'network',
  VnetSetRoutes: 'network',
}

/** Every kind of libioc's, as its tree has them. */
export const events: readonly string[] = `
IocEvent JailEvent JailRename JailStop TeardownSystemMounts JailNetworkTeardown JailRemove JailResourceLimitAction VnetEvent
JailNetworkSetup VnetInterfaceConfig VnetSetupLocalhost VnetSetRoutes JailAttach DevFSEvent MountDevFS MountFdescfs FstabEvent
MountFstab UnmountFstab JailHook JailHookPrestart JailHookCreated JailHookStart JailHookPoststart JailHookPrestop JailHookStop
JailHookPoststop JailCommand JailFstabUpdate JailResolverConfig JailClone BasejailStorageConfig JailZFSShare AttachZFSDataset
JailRestart JailSoftShutdown JailStart JailDependantsStart JailDependantStart JailProvisioning JailProvisioningAssetDownload
R10kDeployEvent PuppetApplyEvent BootstrapPkg PackageInstall PackageRemove PackageConfiguration ReleaseEvent ReleaseUpdate
ReleaseUpdatePull ReleaseUpdateDownload FetchRelease ReleasePrepareStorage ReleaseDownload ReleaseAssetDownload ReleaseExtraction
ReleaseCopyBase ReleaseConfiguration ResourceEvent ResourceUpdate RunResourceUpdate ExecuteResourceUpdate ZFSEvent
ZFSDatasetRename ZFSDatasetDestroy ZFSSnapshotRename ZFSSnapshotClone ZFSSnapshotRollback ResourceBackup ExportConfig ExportFstab
ExportRootDataset ExportOtherDatasets ExportOtherDataset BundleBackup ExtractBundle ImportConfig ImportFstab ImportRootDataset
ImportOtherDatasets ImportOtherDataset PkgEvent PackageFetch JailMigrationEvent
`
  .trim()
  .split(/\s+/)

/** Members of libioc's IocEvent: here, and where that is shown. */
export const eventMembers: readonly (readonly [libioc: string, here: string, test: string])[] = [
  ['`scope`', '`parent` and `depth`; bodies are given theirs', 'test/core/nesting.test.ts'],
  ['`identifier`', '`identifier`', 'test/core/operation.test.ts'],
  ['`type`', '`type`, and `is()` over the tree of kinds', 'test/core/catalogue.test.ts'],
  ['`number`', '`seq`, in the order of delivery', 'test/core/operation.test.ts'],
  ['`parent_count`', '`depth`', 'test/core/nesting.test.ts'],
  [
    '`done`, `pending`, `skipped`, `error`',
    '`state`: one of pending, progress, done, skipped, failed',
    'test/core/trees.test.ts',
  ],
  ['`reverted`', '`error.reverted`, and undo events with `rollback` and `undoes`', 'test/core/undo.test.ts'],
  ['`duration`, `message`', '`duration` in milliseconds, `message`', 'test/core/operation.test.ts'],
  ['`begin`, `end`', 'the body begins and ends; nobody can begin twice', 'test/core/misuse.test.ts'],
  ['`step`', '`s.progress`, `s.set`, `s.log`', 'test/core/output.test.ts'],
  ['`skip`', '`s.skip(message)`, or `unless` of a step', 'test/core/operation.test.ts'],
  ['`fail`, `fail_generator`', 'a throw: every undo is told, none is lost', 'test/core/undo.test.ts'],
  ['`add_rollback_step`, `rollback`', 'the inverse beside each effect', 'test/core/effects.test.ts'],
  ['`child_event`', '`s.step`, `s.run`, `eventScope`', 'test/core/nesting.test.ts'],
  ['`get_state_string`', '`state`, and the words of a terminal', 'test/core/operation.test.ts'],
  ['the same object, changed', 'a frozen snapshot each time', 'test/core/operation.test.ts'],
]

/** libioc's errors that have another name here. */
export const renamedErrors: Readonly<Record<string, string>> = {
  IocException: 'IocError',
  JailConigZFSIsNotAllowed: 'JailConfigZFSIsNotAllowed',
  ZFSException: 'ZFSError',
}

/** Why an error is not thrown, or which part will. */
export const unthrownErrors: Readonly<Record<string, Reason>> = {
  BackupInProgress: 'backup',
  BackupSourceDoesNotExist: 'backup',
  BackupSourceUnknownFormat: 'backup',
  CannotRedrawLine: 'the command line is a part of its own',
  CommandFailure: 'who asked for the command says what failed: JailHookFailed, JailCommandFailed, ZFSCommandFailed',
  ControlRepoUnavailableError: 'provisioning',
  DefaultConfigNotFound: 'a host without defaults has those of the table',
  DefaultReleaseNotFound: 'the command line is a part of its own',
  DevfsRuleException: 'devices',
  DuplicateDevfsRuleset: 'devices',
  ExportDestinationExists: 'backup',
  FirewallCommandFailure: 'network',
  FirewallDisabled: 'network',
  InvalidDevfsRulesSyntax: 'devices',
  InvalidIPAddress: 'InvalidJailConfigAddress and InvalidJailConfigValue name the property as well',
  InvalidInterfaceName: 'network',
  InvalidMacAddress: 'InvalidJailConfigValue names the property as well',
  InvalidMountpoint: 'MountFailed and InsecureJailPath say which of both it is',
  InvalidNetworkBridge: 'network',
  InvalidProvisionerMethod: 'provisioning',
  JailBackendMissing: 'InvalidJailConfigValue of `basejail_type`, DatasetNotAvailable of the root',
  JailConfigNotFound: 'a jail without a file has the defaults',
  JailExecutionAborted: 'OperationCancelled',
  JailNotFound: 'JailDoesNotExist; what filters mean is a list, which may be empty',
  JailNotSupplied: 'the command line is a part of its own',
  JailStateUpdateFailed: 'no command is asked for states',
  JailUnknownIdentifier: 'a jail without a name gets a random UUID',
  ListableResourceNamespaceUndefined: 'a list has its place from the beginning',
  MissingDevfsRulesetName: 'devices',
  NonReleaseUpdateFetch: 'updates',
  NotAnIocageZFSProperty: 'properties of other names are never read',
  PkgNotFound: 'packages',
  PluginUnavailableError: 'provisioning',
  ReleaseUpdateBranchLookup: 'updates',
  ResourceLimitActionFailed: 'limits',
  ResourceLimitUnknown: 'limits',
  SecurityViolationConfigJailEscape: 'InsecureJailPath, for every file of a jail',
  UndefinedProvisionerMethod: 'provisioning',
  UndefinedProvisionerSource: 'provisioning',
  UnsupportedRelease: 'updates',
  UpdateFailure: 'updates',
  VnetBridgeDoesNotExist: 'network',
  VnetBridgeMissing: 'network',
}

/** Every error of libioc's. */
export const errors: readonly string[] = `
IocException MissingFeature JailException JailDoesNotExist JailAlreadyExists JailNotRunning JailAlreadyRunning JailNotFound
JailNotSupplied JailUnknownIdentifier JailBackendMissing JailIsTemplate JailNotTemplate JailHookFailed JailLaunchFailed
JailDestructionFailed JailCommandFailed JailExecutionAborted JailStateUpdateFailed VirtualFstabLineHasNoRealIndex
FstabDestinationExists SecurityViolation InsecureJailPath SecurityViolationConfigJailEscape IllegalArchiveContent JailConfigError
InvalidJailName JailConigZFSIsNotAllowed InvalidJailConfigValue InvalidJailConfigAddress InvalidMacAddress ResourceLimitUnknown
ResourceLimitActionFailed JailHostUUIDMismatch JailConfigNotFound DefaultConfigNotFound UnknownConfigProperty BackupInProgress
ExportDestinationExists BackupSourceDoesNotExist BackupSourceUnknownFormat ListableResourceNamespaceUndefined IocageNotActivated
ActivationFailed ZFSSourceMountpoint InvalidLogLevel MustBeRoot CommandFailure NotAnIocageZFSProperty DistributionUnknown
HostReleaseUnknown HostUserlandVersionUnknown DownloadFailed DatasetExists UnmountFailed MountFailed InvalidMountpoint
DatasetNotMounted DatasetNotAvailable DatasetNotJailed ZFSException ZFSPoolInvalid ZFSPoolUnavailable ResourceUnmanaged
ConflictingResourceSelection SnapshotError SnapshotCreation SnapshotDeletion SnapshotRollback SnapshotNotFound
InvalidSnapshotIdentifier InvalidInterfaceName VnetBridgeMissing VnetBridgeDoesNotExist InvalidNetworkBridge FirewallDisabled
FirewallCommandFailure InvalidIPAddress ReleaseListUnavailable ReleaseAssetHashesUnavailable UpdateFailure
InvalidReleaseAssetSignature NonReleaseUpdateFetch ReleaseNotFetched ReleaseUpdateBranchLookup UnsupportedRelease
InvalidReleaseName DefaultReleaseNotFound DevfsRuleException InvalidDevfsRulesSyntax DuplicateDevfsRuleset
MissingDevfsRulesetName LogException CannotRedrawLine EventAlreadyFinished JailFilterException JailFilterInvalidName PkgNotFound
UndefinedProvisionerSource UndefinedProvisionerMethod InvalidProvisionerMethod InvalidSourceName SourceNotFound
PluginUnavailableError ControlRepoUnavailableError
`
  .trim()
  .split(/\s+/)

/** Every property of libioc's that has a fixed name. */
export const configProperties: readonly string[] = `
id release boot priority legacy depends basejail basejail_type clonejail type cloned_release tag tags defaultrouter defaultrouter6
mac_prefix vnet interfaces vnet_interfaces ip4 ip6 ip4_saddrsel ip6_saddrsel ip4_addr ip6_addr resolver host_hostuuid host_hostname
host_domainname hostid hostid_strict_check devfs_ruleset enforce_statfs children_max allow_set_hostname allow_sysvipc
allow_raw_sockets allow_chflags allow_mlock allow_quotas allow_socket_af allow_mount allow_mount_devfs allow_mount_fusefs
allow_mount_nullfs allow_mount_procfs allow_mount_fdescfs allow_mount_zfs allow_mount_tmpfs allow_vmm rlimits cputime datasize
stacksize coredumpsize memoryuse memorylocked maxproc openfiles vmemoryuse pseudoterminals swapuse nthr msgqqueued msgqsize nmsgq
nsem nsemop nshm shmsize wallclock pcpu readbps writebps readiops writeiops sysvmsg sysvsem sysvshm exec_clean exec_fib
exec_prestart exec_created exec_poststart exec_prestop exec_poststop exec_start exec_stop exec_jail_user exec_timeout stop_timeout
mount_procfs mount_linprocfs mount_devfs mount_fdescfs securelevel template jail_zfs jail_zfs_dataset login_flags provision.method
provision.source provision.rev
CONFIG_VERSION exec_system_jail_user exec_system_user vnet_default_interface vnet_default_mtu allow_tun allow_mount_linprocfs cpuset
bpf dhcp notes owner last_started jail_zfs_mountpoint count comment host_time sync_state sync_target sync_tgt_zpool compression
quota reservation dedup origin mountpoint compressratio available used rtsold ip_hostname assign_localhost localhost_ip nat
nat_prefix nat_interface nat_backend nat_forwards plugin_name plugin_repository min_dyn_devfs_ruleset allow_mount_linsysfs
allow_nfsd
`
  .trim()
  .split(/\s+/)

/** libioc's helpers, and what has their work here. */
export const helpers: readonly (readonly [libioc: string, here: string, test: string])[] = [
  [
    '`parse_bool`, `parse_none`, `parse_int`, `parse_list`, `parse_user_input`',
    'a type for each property',
    'test/jail/config-values.test.ts',
  ],
  [
    '`to_string`, `to_json`, `to_ucl`',
    'a type for each property, and formats that lose nothing',
    'test/jail/config-files.test.ts',
  ],
  [
    '`is_valid_name`, `is_valid_uuid`',
    'checked in the constructor; names that ZFS refuses are refused',
    'test/conformance/jail.ts',
  ],
  ['`to_humanreadable_name`', '`jail.humanreadableName`', 'test/jail/page.test.ts'],
  ['`get_random_uuid`', 'a jail without a name has one', 'test/jail/sync.test.ts'],
  ['`get_os_version`', '`host.releaseVersion`, `host.userlandVersion`', 'test/jail/distribution.test.ts'],
  ['`get_basedir_list`', 'the directories that the release has', 'test/conformance/jail-storage.ts'],
  [
    '`exec`, `exec_generator`, `exec_passthru`',
    'effects of the host: argument lists, never a shell; signals are failures',
    'test/conformance/jail.ts',
  ],
  ['`mount`, `umount`', 'effects with their inverses', 'test/jail/freebsd-encoding.test.ts'],
  [
    '`require_no_symlink`, `makedirs_safe`',
    'files of a jail are opened beneath its root by the kernel’s own check',
    'test/jail/beneath.test.ts',
  ],
  ['`SecureTarfile`', 'every member is checked while it is unpacked', 'test/jail/release-extract.test.ts'],
  ['`helpers_ioctl`', 'network', ''],
  ['`@json`, `@timeit`', 'events are plain data, with their duration', 'test/core/operation.test.ts'],
  [
    '`JailParam`, `JailParams`, `HostJailParams`',
    'the table of properties and one encoder for each platform',
    'test/jail/freebsd-encoding.test.ts',
  ],
  ['`Logger`', 'any logger of pino’s form; `s.log` puts lines into events', 'test/core/log.test.ts'],
  ['`Path`, `AbsolutePath`', 'paths are checked where they are used', 'test/jail/fstab.test.ts'],
  ['`Prompts`', 'the command line is a part of its own', ''],
  ['`Config.Data`', 'a flat map; the nesting is the format’s', 'test/jail/config-files.test.ts'],
  ['`Config.Type.JSON`, `UCL`, `ZFS`', '`configType`', 'test/conformance/jail-config.ts'],
  ['`Config.Host.rc_conf`', '`rcConf` of `Host.open`', 'test/jail/rc-conf.test.ts'],
  [
    '`ZFS.clone_dataset`, `clone_snapshot`, `promote_dataset`',
    '`zfs` of @gaoler/zfs, and the verbs',
    'test/conformance/zfs-bulk.ts',
  ],
  [
    '`ZFS.delete_dataset_recursive`',
    '`zfs.destroyTree`, which asks first who needs it',
    'test/conformance/zfs-bulk.ts',
  ],
  ['`ZFS.append_snapshot_datetime`', 'the moment in UTC to the millisecond', 'test/conformance/jail-storage.ts'],
]
