import type { ClassPage } from './row.ts'

// Classes of libioc: what comes with parts of their own.

export const laterPages = {
  Updater: {
    about: 'updates of a release or jail',
    classes: [],
    tests: [],
    init: {},
    members: { apply: { later: 'updates' }, fetch: { later: 'updates' } },
  },
  ResourceBackup: {
    about: 'export and import',
    classes: [],
    tests: [],
    init: {},
    members: { export: { later: 'backup' }, restore: { later: 'backup' } },
  },
  DevfsRules: {
    about: 'rulesets of devfs',
    classes: [],
    tests: [],
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
    tests: [],
    init: {},
    members: { setup: { later: 'network' }, teardown: { later: 'network' } },
  },
  Provisioner: {
    about: 'what fills a new jail',
    classes: [],
    tests: [],
    init: {},
    members: { provision: { later: 'provisioning' } },
  },
  Pkg: {
    about: 'packages in a jail',
    classes: [],
    tests: [],
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
