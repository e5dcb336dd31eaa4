import { devfsRuleset } from '../values/identity.ts'
import { datasets } from '../values/lists.ts'
import { bit, boolean } from '../values/scalars.ts'
import { everywhere, except, nowhere, type PropertyRows } from './row.ts'

/** What the jail sees besides its root directory. */
export interface MountProperties {
  mount_devfs: boolean
  mount_fdescfs: boolean
  mount_procfs: boolean
  mount_linprocfs: boolean
  devfs_ruleset: number | string | null
  jail_zfs: boolean
  jail_zfs_dataset: readonly string[]
}

export const mountProperties: PropertyRows<MountProperties> = {
  mount_devfs: { type: bit, default: true, about: 'give the jail /dev', applied: 'MountDevFS', honouredBy: everywhere },
  mount_fdescfs: {
    type: bit,
    default: false,
    about: 'give the jail /dev/fd',
    applied: 'MountFdescfs',
    honouredBy: everywhere,
  },
  mount_procfs: {
    type: bit,
    default: false,
    about: 'give the jail /proc; on linux it has that in any case',
    applied: 'MountProcfs',
    honouredBy: except({ embedded: "the host's /proc shows every process of the host, and there is no other" }),
  },
  mount_linprocfs: {
    type: bit,
    default: false,
    about: 'give the jail /compat/linux/proc',
    applied: 'at the start',
    honouredBy: nowhere('linprocfs is not mounted yet'),
  },
  devfs_ruleset: {
    type: devfsRuleset,
    default: 4,
    about: 'the rules of devfs that say which devices /dev has; none: all of them',
    parameter: 'devfs_ruleset',
    always: true,
    honouredBy: except({ linux: 'Linux has no rulesets of devfs: /dev has the usual devices and no others' }),
  },
  jail_zfs: {
    type: boolean,
    default: false,
    about: 'give the jail the datasets of `jail_zfs_dataset` to manage',
    applied: 'JailZFSShare',
    honouredBy: everywhere,
  },
  jail_zfs_dataset: {
    type: datasets,
    default: [],
    about: 'datasets of the pool for the jail, separated by spaces',
    applied: 'JailZFSShare',
    honouredBy: everywhere,
  },
}
