import { hostname, hostuuid, release } from '../values/identity.ts'
import { list } from '../values/lists.ts'
import { boolean, choice, integer, line } from '../values/scalars.ts'
import { terms } from '../values/terms.ts'
import { everywhere, type PropertyRows } from './row.ts'

/** What a jail is, where it comes from, and when it is started. */
export interface IdentityProperties {
  release: string | null
  cloned_release: string | null
  type: string
  basejail: boolean
  basejail_type: 'nullfs' | 'zfs'
  clonejail: boolean
  template: boolean
  tag: string | null
  tags: readonly string[]
  boot: boolean
  priority: number
  depends: readonly string[]
  legacy: boolean
  host_hostname: string | null
  host_domainname: string | null
  host_hostuuid: string | null
  hostid: string | null
  hostid_strict_check: boolean
}

export const identityProperties: PropertyRows<IdentityProperties> = {
  release: {
    type: release,
    default: null,
    about: 'the release that the jail was created from',
    applied: 'creation',
    honouredBy: everywhere,
  },
  cloned_release: {
    type: release,
    default: null,
    about: 'the release that the jail was cloned from; by default `release`',
    applied: 'kept for iocage',
    honouredBy: everywhere,
  },
  type: {
    type: line() as PropertyRows<IdentityProperties>['type']['type'],
    default: 'jail',
    about: 'basejail, clonejail or jail; setting one of them sets `basejail` and `clonejail`',
    applied: 'as `basejail` and `clonejail`',
    honouredBy: everywhere,
  },
  basejail: {
    type: boolean,
    default: false,
    about: "the base directories are the release's own, so that its updates are the jail's",
    applied: 'BasejailStorageConfig',
    honouredBy: everywhere,
  },
  basejail_type: {
    type: choice('nullfs', 'zfs'),
    default: 'nullfs',
    about: 'how a basejail gets the base directories: mounted, or cloned at each start',
    applied: 'BasejailStorageConfig',
    honouredBy: everywhere,
  },
  clonejail: {
    type: boolean,
    default: false,
    about: 'the jail was cloned from another',
    applied: 'as `type`',
    honouredBy: everywhere,
  },
  template: {
    type: boolean,
    default: false,
    about: 'jails are created from this one, and it is not started',
    applied: 'creation and start',
    honouredBy: everywhere,
  },
  tag: { type: line(), default: null, about: 'the first of `tags`', applied: 'filters', honouredBy: everywhere },
  tags: { type: list, default: [], about: 'words to find the jail by', applied: 'filters', honouredBy: everywhere },
  boot: {
    type: boolean,
    default: false,
    about: 'start the jail when the host boots',
    applied: 'whoever starts jails at boot',
    honouredBy: everywhere,
  },
  priority: {
    type: integer(),
    default: 0,
    about: 'jails with a lower number are started earlier and stopped later',
    applied: 'JailDependantsStart, whoever starts several jails',
    honouredBy: everywhere,
  },
  depends: {
    type: terms,
    default: [],
    about: 'names of jails that are started before this one, or filters for them (`tag=db`)',
    applied: 'JailDependantsStart',
    honouredBy: everywhere,
  },
  legacy: {
    type: boolean,
    default: false,
    about: 'the configuration comes from UCL or ZFS properties; cannot be set',
    applied: 'derived',
    honouredBy: everywhere,
  },
  host_hostname: {
    type: hostname,
    default: null,
    about: "the jail's host name; by default the jail's name",
    applied: 'parameter `host.hostname`',
    honouredBy: everywhere,
  },
  host_domainname: {
    type: hostname,
    default: null,
    about: "the jail's NIS domain",
    parameter: 'host.domainname',
    honouredBy: everywhere,
  },
  host_hostuuid: {
    type: hostuuid,
    default: null,
    about: "the jail's host UUID; by default made from host and name",
    applied: 'parameter `host.hostuuid`',
    honouredBy: everywhere,
  },
  hostid: {
    type: line(),
    default: null,
    about: 'UUID of the host that the jail was created on',
    applied: 'before start',
    honouredBy: everywhere,
  },
  hostid_strict_check: {
    type: boolean,
    default: false,
    about: 'refuse to start on another host than `hostid`',
    applied: 'before start',
    honouredBy: everywhere,
  },
}
