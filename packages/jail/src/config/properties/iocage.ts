import { loose } from '../values/scalars.ts'
import { everywhere, nowhere, type PropertyRow, type PropertyRows } from './row.ts'

/** Records of python-iocage about a jail: they ask for nothing, and any of them may be written. */
const records = {
  CONFIG_VERSION: "the version of iocage's format; where it is set, files are written as iocage writes them",
  comment: 'a remark',
  notes: 'remarks',
  owner: 'who the jail belongs to',
  last_started: 'when iocage last started the jail',
  CONFIG_TYPE: 'THICK where the file has every property',
  count: 'how many jails one call of `iocage create` made',
  plugin_name: 'the plugin that the jail is',
  plugin_repository: 'where the plugin came from',
  sync_state: 'a remark about replication',
  sync_target: 'a remark about replication',
  sync_tgt_zpool: 'a remark about replication',
  origin: "ZFS's own, as iocage read it",
  compressratio: "ZFS's own, as iocage read it",
  available: "ZFS's own, as iocage read it",
  used: "ZFS's own, as iocage read it",
} as const

/** Wishes of python-iocage that nothing here fulfils: what they are, and the values that wish for nothing. */
const wishes = {
  exec_system_user: ['the host user that hooks run as', 'root'],
  exec_system_jail_user: ['whether `exec_jail_user` is a user of the host', '0', 'no'],
  vnet_default_interface: ["the host's interface that bridges get", 'auto'],
  vnet_default_mtu: ['MTU of interfaces with `vnet`', '1500'],
  vnet0_mtu: ['MTU of the interface', 'auto'],
  vnet1_mtu: ['MTU of the interface', 'auto'],
  vnet2_mtu: ['MTU of the interface', 'auto'],
  vnet3_mtu: ['MTU of the interface', 'auto'],
  allow_tun: ['let the jail have tun(4) devices', '0', 'no'],
  min_dyn_devfs_ruleset: ['the lowest number of a made ruleset of devfs', '1000'],
  cpuset: ['the processors that the jail may use', 'off'],
  bpf: ['let the jail have bpf(4) devices', '0', 'no', 'off'],
  dhcp: ['get an address by DHCP', '0', 'no', 'off'],
  rtsold: ['accept router advertisements', '0', 'no', 'off'],
  ip_hostname: ['take the addresses that the host name has', '0', 'no', 'off'],
  assign_localhost: ['give the jail an address of lo0', '0', 'no', 'off'],
  localhost_ip: ['that address'],
  host_time: ["give the jail the host's /etc/localtime", '1', 'yes', '0', 'no'],
  jail_zfs_mountpoint: ['where shared datasets are mounted'],
  nat: ['translate addresses of the jail', '0', 'no', 'off'],
  nat_prefix: ['network of the addresses to translate', '172.16'],
  nat_interface: ["the host's interface that addresses are translated on"],
  nat_backend: ['ipfw or pf', 'ipfw', 'pf'],
  nat_forwards: ['ports that are forwarded to the jail'],
  compression: ["ZFS compression of the jail's dataset", 'on', 'lz4'],
  dedup: ["ZFS deduplication of the jail's dataset", 'off'],
  mountpoint: ["mount point of the jail's dataset", 'readonly'],
  quota: ["ZFS quota of the jail's dataset"],
  reservation: ["ZFS reservation of the jail's dataset"],
} as const

export type IocageName = keyof typeof records | keyof typeof wishes

/** What python-iocage has and libioc has not; written as they are found. */
export type IocageProperties = Record<IocageName, string | null>

const zfs = ['compression', 'dedup', 'mountpoint', 'quota', 'reservation']

export const iocageProperties: PropertyRows<IocageProperties> = Object.fromEntries([
  ...Object.entries(records).map(([name, about]) => [name, record(about)]),
  ...Object.entries(wishes).map(([name, [about, ...neutral]]) => [name, wish(name, about, neutral)]),
]) as PropertyRows<IocageProperties>

function record(about: string): PropertyRow<string | null> {
  return { type: loose, default: null, about, applied: 'kept for iocage', honouredBy: everywhere, foreign: true }
}

function wish(name: string, about: string, neutral: readonly string[]): PropertyRow<string | null> {
  const reason = zfs.includes(name) ? 'set it on the dataset with zfs(8)' : 'Gaoler does not do what iocage does for it'
  const applied = 'kept for iocage'
  return { type: loose, default: null, about, applied, neutral, honouredBy: nowhere(reason), foreign: true }
}
