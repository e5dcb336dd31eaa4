import type { ClassPage } from './row.ts'

// Classes of libioc: the machine and its sources.

export const hostPages = {
  Host: {
    about: 'the machine',
    classes: ['Host', 'HostGenerator'],
    tests: [
      'test/conformance/jail-sources.ts',
      'test/jail/distribution.test.ts',
      'test/conformance/jail-config.ts',
      'test/jail/page.test.ts',
    ],
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
    tests: ['test/conformance/jail-sources.ts', 'test/jail/page.test.ts'],
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
    tests: [
      'test/conformance/jail-sources.ts',
      'test/conformance/jail-verbs.ts',
      'test/conformance/jail-storage.ts',
      'test/jail/page.test.ts',
    ],
    init: {},
    members: { base: {}, jails: {}, pkg: {}, releases: {}, root: {} },
  },
} as const satisfies Readonly<Record<string, ClassPage>>
