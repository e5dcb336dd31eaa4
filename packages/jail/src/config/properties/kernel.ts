import { bit, boolean, choice, integer } from '../values/scalars.ts'
import { everywhere, except, type JailSwitch, type PropertyRow, type PropertyRows } from './row.ts'

/** Switches of jail(8) that stand alone. */
export interface KernelProperties {
  securelevel: number
  enforce_statfs: number
  children_max: number
  sysvmsg: JailSwitch
  sysvsem: JailSwitch
  sysvshm: JailSwitch
  allow_set_hostname: boolean
  allow_sysvipc: boolean
  allow_raw_sockets: boolean
  allow_chflags: boolean
  allow_mlock: boolean
  allow_quotas: boolean
  allow_socket_af: boolean
  allow_reserved_ports: boolean
  allow_unprivileged_proc_debug: boolean
  allow_suser: boolean
  allow_extattr: boolean
  allow_adjtime: boolean
  allow_settime: boolean
  allow_routing: boolean
  allow_read_msgbuf: boolean
  allow_setaudit: boolean
  allow_nfsd: boolean
  allow_vmm: boolean
  allow_mount: boolean
  allow_mount_devfs: boolean
  allow_mount_fusefs: boolean
  allow_mount_nullfs: boolean
  allow_mount_procfs: boolean
  allow_mount_fdescfs: boolean
  allow_mount_linprocfs: boolean
  allow_mount_linsysfs: boolean
  allow_mount_tmpfs: boolean
  allow_mount_zfs: boolean
}

/** Its parameter has dots where the name has the underscores of its groups. */
function allow(about: string, parameter: string, byDefault = false): PropertyRow<boolean> {
  return { type: bit, default: byDefault, about: `the jail may ${about}`, parameter, honouredBy: everywhere }
}

function allowMount(filesystem: string): PropertyRow<boolean> {
  return allow(`mount ${filesystem}; brings \`allow_mount\` and \`enforce_statfs\`=1`, `allow.mount.${filesystem}`)
}

function ipc(what: string, parameter: string): PropertyRow<JailSwitch> {
  const about = `System V ${what}: of the jail's own, the host's, or none`
  return {
    type: choice('new', 'inherit', 'disable'),
    default: 'new',
    about,
    parameter,
    always: true,
    honouredBy: everywhere,
  }
}

const CANNOT_MOUNT =
  'whoever may mount ZFS may mount anything there, also over what hides the host: what jail_zfs gives is managed without'

/** Names, meanings and defaults of the kernel's: jail(8), "Jail Parameters". */
export const kernelProperties: PropertyRows<KernelProperties> = {
  securelevel: {
    type: integer({ from: -1, to: 3 }),
    default: 2,
    about: 'security level, see security(7)',
    parameter: 'securelevel',
    always: true,
    honouredBy: everywhere,
  },
  enforce_statfs: {
    type: integer({ to: 2 }),
    default: 2,
    about: 'which mounts the jail sees: 0 all, 1 those below its root, 2 its root; by default 1 where it may mount',
    parameter: 'enforce_statfs',
    always: true,
    honouredBy: everywhere,
  },
  children_max: {
    type: integer({ to: 999_999 }),
    default: 0,
    about: 'how many jails the jail may make',
    parameter: 'children.max',
    honouredBy: everywhere,
  },
  sysvmsg: ipc('message queues', 'sysvmsg'),
  sysvsem: ipc('semaphores', 'sysvsem'),
  sysvshm: ipc('shared memory', 'sysvshm'),
  allow_set_hostname: allow('change its host name', 'allow.set_hostname', true),
  allow_sysvipc: allow("use the host's System V IPC; `sysvmsg` and its like are newer", 'allow.sysvipc'),
  allow_raw_sockets: allow('open raw sockets, as ping(8) does', 'allow.raw_sockets'),
  allow_chflags: allow('change system file flags', 'allow.chflags'),
  allow_mlock: allow('lock pages in memory', 'allow.mlock'),
  allow_quotas: allow('administer quotas', 'allow.quotas'),
  allow_socket_af: allow('use any address family', 'allow.socket_af'),
  allow_reserved_ports: allow('bind ports below 1024', 'allow.reserved_ports', true),
  allow_unprivileged_proc_debug: allow('let its users debug their processes', 'allow.unprivileged_proc_debug', true),
  allow_suser: allow('have a root with the rights of one', 'allow.suser', true),
  allow_extattr: allow('use system extended attributes', 'allow.extattr'),
  allow_adjtime: allow("slew the host's clock", 'allow.adjtime'),
  allow_settime: allow("set the host's clock", 'allow.settime'),
  allow_routing: allow("change the host's routes without `vnet`", 'allow.routing'),
  allow_read_msgbuf: allow("read the kernel's messages", 'allow.read_msgbuf'),
  allow_setaudit: allow('set audit sessions', 'allow.setaudit'),
  allow_nfsd: allow('serve NFS', 'allow.nfsd'),
  allow_vmm: { ...allow('run virtual machines', 'allow.vmm'), type: boolean },
  allow_mount: allow('mount filesystems that are safe in jails', 'allow.mount'),
  allow_mount_devfs: allowMount('devfs'),
  allow_mount_fusefs: allowMount('fusefs'),
  allow_mount_nullfs: allowMount('nullfs'),
  allow_mount_procfs: allowMount('procfs'),
  allow_mount_fdescfs: allowMount('fdescfs'),
  allow_mount_linprocfs: allowMount('linprocfs'),
  allow_mount_linsysfs: allowMount('linsysfs'),
  allow_mount_tmpfs: allowMount('tmpfs'),
  allow_mount_zfs: { ...allowMount('zfs'), honouredBy: except({ linux: CANNOT_MOUNT }) },
}
