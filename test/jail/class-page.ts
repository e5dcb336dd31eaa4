// What libioc's classes have, one row for each member: the tests compare it with what the package exports, and
// docs/parity.md and docs/rosetta-libioc.md are made from it.

/** Parts of Gaoler that are work of their own and not there yet. */
export const parts = {
  backup: 'export and import of jails are a part of their own',
  devices: 'rulesets of devfs are a part of their own',
  limits: 'limits are a part of their own',
  network: 'networks of jails are a part of their own',
  packages: 'packages in jails are a part of their own',
  provisioning: 'provisioning is a part of its own',
  updates: 'updates of releases and jails are a part of their own',
} as const

export type Part = keyof typeof parts

export interface Row {
  /** Its name here, where that is not libioc's in camelCase. */
  readonly as?: string
  /** Its arguments before the options. */
  readonly takes?: readonly string[]
  readonly options?: readonly string[]
  /** It yields events: every one takes an `eventScope`. */
  readonly operation?: true
  /** It is here, and not as libioc has it. */
  readonly but?: string
  /** What there is instead of it, or why there is nothing. */
  readonly differently?: string
  /** It comes with that part. */
  readonly later?: Part
  /** A test that shows it, where none can be found that calls it by name. */
  readonly test?: string
}

export interface ClassPage {
  /** Where reference and issue describe it. */
  readonly about: string
  /** The classes that have the members: one, or the face for scripts and the one of generators. */
  readonly classes: readonly string[]
  /** What the constructor takes in its options. */
  readonly init: Readonly<Record<string, Row>>
  readonly members: Readonly<Record<string, Row>>
}

const directories = 'paths are properties of the jail (`path`, `rootPath`); joining them is `node:path`'
const handlers = 'the format is chosen by `configType` and told by `config.format`; nobody needs the handler'
const configFiles = 'the files of rc(8) in a jail are its own; what must be in them comes with updates'
const zfsOfHost = 'datasets are asked for by name: `host.zfs.get(name)`'

export const classPage = {
  Resource: {
    about: 'a dataset with a configuration',
    classes: ['JailResource'],
    init: {
      dataset: {},
      dataset_name: {},
      config_type: {},
      config_file: {},
      logger: {},
      zfs: {},
    },
    members: {
      dataset: { differently: zfsOfHost },
      dataset_name: {},
      config_file: {},
      exists: {},
      abspath: { differently: directories },
      config_handler: { differently: handlers },
      config_json: { differently: handlers },
      config_type: { differently: handlers },
      config_ucl: { differently: handlers },
      config_zfs: { differently: handlers },
      create_resource: { differently: '`create` makes the datasets, with undo' },
      destroy: { differently: 'the verb is the jail’s: a foreign dataset is not ours to destroy' },
      get: { differently: 'the values are the jail’s: `jail.get`' },
      get_dataset: { differently: zfsOfHost },
      get_or_create_dataset: { differently: 'each verb makes what it needs, with undo' },
      getstring: { differently: 'the values are the jail’s: `jail.getstring`' },
      is_path_relative: {
        differently: 'every file of a jail is opened beneath its directory by the kernel’s own check',
      },
      pool: { differently: '`rootDatasets.pool` is its name, and `host.zfs.pools` has the rest' },
      pool_name: { differently: '`rootDatasets.pool`' },
      read_config: { differently: '`jail.config` reads when it is first needed, `jail.reload()` makes it read again' },
      require_relative_path: {
        differently: 'every file of a jail is opened beneath its directory by the kernel’s own check',
      },
      save: { differently: 'the values are the jail’s: `jail.save`' },
    },
  },
  LaunchableResource: {
    about: 'what can be started, or updated',
    classes: ['JailResource'],
    init: {},
    members: {
      host: {},
      root_dataset_name: {},
      root_path: {},
      backup: { later: 'backup' },
      config: { differently: 'the configuration is the jail’s: `jail.config`' },
      periodic_conf: { differently: configFiles },
      rc_conf: { differently: configFiles },
      root_dataset: { differently: zfsOfHost },
      sysctl_conf: { differently: configFiles },
      updater: { later: 'updates' },
    },
  },
  JailResource: {
    about: 'datasets and files of a jail, or of what looks like one',
    classes: ['JailResource'],
    init: { jail: {}, host: {}, fstab: {} },
    members: {
      jail: {},
      source: {},
      fstab: {
        as: 'fstabFile',
        but: '`Fstab.parse` reads the fstab of a foreign jail; only a jail’s own can be changed',
      },
      autoset_dataset_name: { differently: 'a foreign dataset has no other name; a jail has the method' },
      root_datasets_name: { as: 'source' },
    },
  },
  Jail: {
    about: 'a jail',
    classes: ['Jail', 'JailGenerator'],
    init: {
      config_file: {},
      config_type: {},
      dataset: {},
      dataset_name: {},
      fstab: {},
      host: {},
      logger: {},
      new: {},
      root_datasets_name: {},
      skip_invalid_config: {},
      zfs: {},
    },
    members: {
      autoset_dataset_name: { takes: [] },
      clone_from_jail: { takes: ['source'], operation: true },
      clone_to_dataset: { takes: ['name'], options: ['deleteExisting'], operation: true },
      create: { takes: ['from'], options: ['properties'], operation: true },
      create_from_release: { takes: ['release'], options: ['properties'], operation: true },
      create_from_scratch: { takes: [], options: ['properties'], operation: true },
      create_from_template: { takes: ['template'], options: ['properties'], operation: true },
      destroy: { takes: [], options: ['force', 'forceStop'], operation: true },
      exec: { takes: ['argv'], options: ['env', 'passthru'], operation: true },
      exec_console: { takes: [], operation: true },
      fork_exec: {
        takes: ['command'],
        options: ['passthru', 'env', 'startDependantJails', 'dependantJailsSeen', 'config'],
        operation: true,
      },
      get: { takes: ['key'] },
      get_hook_script_path: { takes: ['hook'] },
      getstring: { takes: ['key'] },
      passthru: { takes: ['argv'], options: ['env'], operation: true },
      promote: { takes: [], operation: true },
      rename: { takes: ['name'], operation: true },
      restart: { takes: [], options: ['shutdown', 'force', 'env'], operation: true },
      save: { takes: [], operation: true },
      start: {
        takes: [],
        options: ['quick', 'passthru', 'singleCommand', 'dependantJailsSeen', 'startDependantJails', 'env'],
        operation: true,
      },
      stop: { takes: [], options: ['force', 'logErrors', 'env'], operation: true },
      require_jail_existing: { options: ['logErrors'] },
      require_jail_is_template: { options: ['logErrors'] },
      require_jail_match_hostid: { options: ['logErrors'] },
      require_jail_not_existing: { options: ['logErrors'] },
      require_jail_not_template: { options: ['logErrors'] },
      require_jail_running: { options: ['logErrors'] },
      require_jail_stopped: { options: ['logErrors'] },
      require_storage_backend: { options: ['logErrors'] },
      config: {},
      dataset_name: {},
      devfs_ruleset: { but: 'what is configured; libioc writes a ruleset while it is read' },
      env: {},
      exists: {},
      fstab: {},
      full_name: {},
      host: {},
      hostid_check_ok: {},
      hostuuid: {},
      humanreadable_name: {},
      identifier: {},
      is_basejail: {},
      jail: {},
      jid: { but: 'asked for each time, never remembered' },
      launch_script_dir: {},
      name: {},
      provisioner: { but: 'it throws MissingFeature: provisioning is a part of its own' },
      release: { but: 'the name; libioc makes a Release of it' },
      release_snapshot: {},
      root_dataset_name: {},
      root_path: {},
      running: {},
      script_env_path: {},
      snapshots: {},
      source: {},
      stopped: {},
      storage_backend: {},
      networks: { later: 'network' },
      storage: { differently: 'what a backend does is a step of the verbs' },
    },
  },
  Snapshots: {
    about: 'the snapshots of a jail',
    classes: ['Snapshots', 'SnapshotsGenerator'],
    init: {},
    members: {
      create: { takes: ['name'], operation: true, test: 'test/conformance/jail-snapshots.ts' },
      delete: { takes: ['name'], operation: true, test: 'test/conformance/jail-snapshots.ts' },
      rollback: { takes: ['name'], options: ['force'], operation: true, test: 'test/conformance/jail-snapshots.ts' },
    },
  },
  Jails: {
    about: 'the jails of a host',
    classes: ['Jails', 'JailsGenerator'],
    init: { host: {}, logger: {}, zfs: {}, skip_invalid_config: {} },
    members: {
      filters: { test: 'test/conformance/jail-sources.ts' },
      host: {},
      destroy: { differently: 'libioc has no body for it; each jail is destroyed by its own verb' },
      namespace: { differently: 'it is always `jails` here' },
    },
  },
  Release: {
    about: 'a release',
    classes: ['Release', 'ReleaseGenerator'],
    init: {
      dataset: {},
      dataset_name: {},
      host: {},
      logger: {},
      root_datasets_name: {},
      zfs: {},
      check_eol: { differently: 'a page is read when it is asked for: `distribution.eol()`' },
      check_hashes: { differently: 'digests are always checked' },
      config_file: { differently: 'releases have no configuration' },
      config_type: { differently: 'releases have no configuration' },
    },
    members: {
      current_snapshot: {},
      current_snapshot_patchlevel: {},
      dataset_name: {},
      destroy: { takes: [], operation: true, but: 'nothing is forced: jails that need it are named and stay' },
      exists: {},
      fetch: { takes: [], operation: true, options: ['mirror'], but: 'updates and base datasets come with updates' },
      fetched: {},
      full_name: {},
      host: {},
      latest_snapshot: { but: 'null where there is none; libioc makes one' },
      name: {},
      newer_than_host: {},
      patchlevel: {},
      root_dataset_name: {},
      root_dir: { as: 'rootPath' },
      root_path: {},
      source: {},
      version_number: {},
      version_snapshots: {},
      annotated_name: { differently: 'what it adds is asked of the network: `distribution.eol()`' },
      assets: { differently: 'base.txz is fetched; more comes with updates' },
      available: { differently: '`distribution.releases()` has all that the mirror has' },
      base_dataset: { differently: zfsOfHost },
      base_dataset_name: { later: 'updates' },
      download_directory: { as: 'path' },
      eol: { differently: 'a question to the network: `distribution.eol()`' },
      hashes: { differently: 'read and checked by `fetch`' },
      hbds_release_branch: { later: 'updates' },
      mirror_url: { differently: '`distribution.mirrorUrl`, and the option `mirror` of `fetch`' },
      read_hashes: { differently: 'read and checked by `fetch`' },
      real_name: { differently: 'HardenedBSD’s mirror is gone; a mirror’s folders have the releases’ names' },
      releases_folder: { differently: '`rootDatasets.releases` is the dataset' },
      remote_url: { differently: 'in the payload of ReleaseAssetDownload' },
      snapshot: { later: 'updates' },
      source_dataset: { differently: '`rootDatasets` has the names' },
      update_base_release: { later: 'updates' },
      zfs_pool: { differently: '`rootDatasets.pool`' },
    },
  },
  Releases: {
    about: 'the releases of a host',
    classes: ['Releases', 'ReleasesGenerator'],
    init: { host: {}, logger: {}, zfs: {} },
    members: {
      available: { takes: [] },
      filters: { test: 'test/jail/distribution.test.ts' },
      host: {},
      local: {},
    },
  },
  Distribution: {
    about: 'where releases come from',
    classes: ['Distribution', 'DistributionGenerator'],
    init: {
      host: {},
      logger: { differently: 'it is the host’s' },
    },
    members: {
      eol_list: { as: 'eol', takes: [] },
      hash_file: { test: 'test/jail/distribution.test.ts' },
      host: {},
      mirror_url: {},
      name: {},
      releases: { takes: [] },
    },
  },
  Host: {
    about: 'the machine',
    classes: ['Host', 'HostGenerator'],
    init: {},
    members: {
      datasets: {},
      default_config: { as: 'defaults', but: '`defaults.config`' },
      defaults: {},
      distribution: {},
      processor: {},
      release_version: {},
      userland_version: {},
      uuid: {},
      devfs: { later: 'devices' },
      ipfw_enabled: { later: 'network' },
    },
  },
  Datasets: {
    about: 'the sources of a host',
    classes: ['Datasets'],
    init: {},
    members: {
      active_pool: {},
      attach_root_datasets: { takes: ['name', 'root'] },
      attach_source: { takes: ['name', 'dataset'] },
      attach_sources: { takes: ['sources'] },
      find_root_datasets: { takes: ['dataset'] },
      find_root_datasets_name: { takes: ['dataset'] },
      get_root_source: {},
      is_pool_active: { takes: ['pool'] },
      main: {},
      main_datasets_name: {},
      activate: { differently: '`host.activate(pool)`: it changes pools, so it is an operation' },
      activate_pool: { differently: '`host.activate(pool, { mountpoint })`' },
      deactivate: { differently: '`host.deactivate()`' },
    },
  },
  RootDatasets: {
    about: 'the datasets of a source',
    classes: ['RootDatasets'],
    init: {},
    members: { base: {}, jails: {}, pkg: {}, releases: {}, root: {} },
  },
  Terms: {
    about: 'a filter',
    classes: ['Terms'],
    init: {},
    members: {
      add: { takes: ['term'] },
      match_key: { takes: ['key', 'value'] },
      match_resource: { takes: ['resource'] },
      match_source: { takes: ['source'] },
      set: { takes: ['key', 'values'] },
    },
  },
  Term: {
    about: 'one part of a filter',
    classes: ['Term'],
    init: {},
    members: { key: {}, values: {}, match_resource: { takes: ['resource'] } },
  },
  ResourceSelector: {
    about: 'a name, perhaps in a source, perhaps with wildcards',
    classes: ['ResourceSelector'],
    init: {},
    members: {
      name: {},
      source: { as: 'source' },
      filter_datasets: { differently: '`Terms.matchSource` tells each source' },
    },
  },
  Config: {
    about: 'the configuration of a jail',
    classes: ['JailConfig'],
    init: {},
    members: {
      all_properties: { differently: '`properties` of the package has a row for each, `entries()` what is set' },
      attach_special_property: { differently: 'every value has a type that reads and writes it' },
      clone: {},
      data: { as: 'entries' },
      get: {},
      get_raw: { differently: 'what a file said is kept and written back as it was' },
      get_string: { as: 'getstring', takes: ['asked'] },
      is_known_property: { differently: '`get` throws UnknownConfigProperty' },
      is_user_property: { differently: 'names that begin with `user.`' },
      read: { as: 'load' },
      set: { takes: ['asked', 'value'] },
      set_dict: { as: 'setAll', takes: ['values'] },
      stringify: { differently: '`writeValue` is inside: files are written by `save`' },
      unknown_config_parameters: { as: 'unknown' },
      update_special_property: { differently: 'values are never changed, only set' },
    },
  },
  DefaultResource: {
    about: 'the defaults of a host',
    classes: ['DefaultResource'],
    init: {},
    members: {
      config: {},
      get: { takes: ['name'] },
      getstring: { takes: ['name'] },
      save: { as: 'set', takes: ['properties'], operation: true },
      destroy: { differently: 'libioc has no body for it; set every default to undefined' },
    },
  },
  Fstab: {
    about: 'the lines of an fstab',
    classes: ['Fstab'],
    init: {},
    members: {
      index: { as: 'indexOf', takes: ['destination'] },
      length: {},
      parse_lines: { differently: '`Fstab.parse(text, file)`, which loses nothing' },
      path: { as: 'file' },
      replace_path: { takes: ['from', 'to'] },
      add_line: { as: 'add', takes: ['line'] },
      insert: { differently: 'lines are added at the end: the order of a file is its author’s' },
      new_line: { differently: '`fstabLine({ source, destination })`' },
      read_file: { differently: 'a value is not read from anywhere: `jail.fstab.read()`' },
      save: { differently: 'a value is not written: the jail’s `fstab` writes with each change' },
    },
  },
  JailFstab: {
    about: 'the fstab of a jail',
    classes: ['JailFstab', 'JailFstabGenerator'],
    init: {},
    members: {
      add_line: {
        takes: ['line'],
        options: ['skipExisting', 'replace', 'autoCreateDestination', 'autoMountJail'],
        operation: true,
      },
      delete: { as: 'removeLine', takes: ['index'], operation: true },
      path: { as: 'file', test: 'test/conformance/jail-fstab.ts' },
      read_file: { as: 'read', takes: [] },
      mount: { differently: 'a step of `jail.start`' },
      new_line: { differently: '`addLine({ source, destination })`' },
      save: { differently: 'each change is written, with undo' },
      unmount: { differently: 'a step of `jail.stop`' },
      update_release: { differently: 'no line of a release is in the file: basejails mount by themselves' },
    },
  },
  Updater: {
    about: 'updates of a release or jail',
    classes: [],
    init: {},
    members: { apply: { later: 'updates' }, fetch: { later: 'updates' } },
  },
  ResourceBackup: {
    about: 'export and import',
    classes: [],
    init: {},
    members: { export: { later: 'backup' }, restore: { later: 'backup' } },
  },
  DevfsRules: {
    about: 'rulesets of devfs',
    classes: [],
    init: {},
    members: {
      append: { later: 'devices' },
      find_by_name: { later: 'devices' },
      find_by_number: { later: 'devices' },
      new_ruleset: { later: 'devices' },
      read_rules: { later: 'devices' },
      save: { later: 'devices' },
    },
  },
  Network: {
    about: 'interfaces, bridges, addresses, routes, the firewall',
    classes: [],
    init: {},
    members: { setup: { later: 'network' }, teardown: { later: 'network' } },
  },
  Provisioner: {
    about: 'what fills a new jail',
    classes: [],
    init: {},
    members: { provision: { later: 'provisioning' } },
  },
  Pkg: {
    about: 'packages in a jail',
    classes: [],
    init: {},
    members: {
      bootstrap: { later: 'packages' },
      configure: { later: 'packages' },
      fetch: { later: 'packages' },
      fetch_and_install: { later: 'packages' },
      install: { later: 'packages' },
      remove: { later: 'packages' },
    },
  },
} as const satisfies Readonly<Record<string, ClassPage>>

/** A row's name here. */
export function ourName(libioc: string, { as }: Row): string {
  return as ?? libioc.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Whether the package has the member. */
export function isMember({ differently, later }: Row): boolean {
  return differently === undefined && later === undefined
}
