import type { Grants } from './parameters.ts'

/**
 * Capabilities of the jail's root, all of them within its own user namespace only: what root of a FreeBSD jail may do
 * too. Nothing with which it could mount, load, trace the kernel or change the host's clock; capabilities(7).
 */
const usual = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
]

export interface Capabilities {
  readonly bounding: readonly string[]
  readonly effective: readonly string[]
  readonly permitted: readonly string[]
  readonly inheritable: readonly string[]
  readonly ambient: readonly string[]
}

export const noCapabilities: Capabilities = {
  bounding: [],
  effective: [],
  permitted: [],
  inheritable: [],
  ambient: [],
}

export function capabilities(grants: Grants): Capabilities {
  const all = [
    ...usual,
    ...(grants.reservedPorts ? ['CAP_NET_BIND_SERVICE'] : []),
    ...(grants.rawSockets ? ['CAP_NET_RAW'] : []),
    ...(grants.ownNetwork ? ['CAP_NET_ADMIN'] : []),
    // ZFS asks for it before anything else than looking (secpolicy_zfs). What else it stands for, mounts and namespaces
    // before all, the filter of system calls refuses: without that it is not given (datasets.ts).
    ...(grants.datasets ? ['CAP_SYS_ADMIN'] : []),
  ]
  // Not inheritable nor ambient: who becomes another user inside leaves them behind.
  return { ...noCapabilities, bounding: all, effective: all, permitted: all }
}

/** The runtime specification's usual lists: files of /proc that tell of, or change, the host. */
export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
]
export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

const refusedCalls = {
  // They would lead out of the namespaces, or make a user namespace in which root has every capability again.
  namespaces: ['setns', 'unshare'],
  mounts: [
    ...['mount', 'mount_setattr', 'move_mount', 'open_tree', 'pivot_root', 'umount', 'umount2'],
    ...['fsconfig', 'fsmount', 'fsopen', 'fspick', 'open_by_handle_at', 'quotactl', 'quotactl_fd'],
  ],
  // Large and old parts of the kernel, that no user namespace stands before.
  kernel: [
    ...['add_key', 'bpf', 'keyctl', 'perf_event_open', 'request_key', 'userfaultfd', 'lookup_dcookie'],
    ...['io_uring_enter', 'io_uring_register', 'io_uring_setup', 'kcmp', 'uselib', 'ustat', 'sysfs', 'vhangup'],
  ],
  host: [
    ...['acct', 'clock_adjtime', 'clock_settime', 'settimeofday', 'stime', 'reboot', 'swapoff', 'swapon'],
    ...['create_module', 'delete_module', 'finit_module', 'init_module', 'kexec_file_load', 'kexec_load'],
    ...['ioperm', 'iopl', 'nfsservctl', 'syslog', 'vm86', 'vm86old'],
  ],
} as const

const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97
const CLONE_NEWUSER = 0x10000000
const TIOCSTI = 0x5412
/** include/linux/socket.h: what allow.socket_af=0 leaves on FreeBSD too, local, IPv4, IPv6 and routing. */
const AF = { inet: 2, inet6: 10, netlink: 16, packet: 17 } as const

interface SeccompRule {
  readonly names: readonly string[]
  readonly action: 'SCMP_ACT_ERRNO'
  readonly errnoRet: number
  readonly args?: readonly { index: number; value: number; valueTwo?: number; op: string }[]
}

export interface Seccomp {
  readonly defaultAction: 'SCMP_ACT_ALLOW'
  readonly architectures: readonly string[]
  readonly syscalls: readonly SeccompRule[]
}

/** Every ABI of the machine, or a program of another one would pass by the filter or be killed by it. */
const architectures: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  riscv64: ['SCMP_ARCH_RISCV64'],
  ppc64: ['SCMP_ARCH_PPC64LE'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
}

/**
 * A second fence behind namespaces and capabilities: refuses calls, and lets all others through, so that no program
 * breaks for want of a call that a list of allowed ones has forgotten. `arch` as process.arch; null where it is unknown.
 */
export function seccomp(grants: Grants, arch: string = process.arch): Seccomp | null {
  const abis = architectures[arch]
  if (!abis) return null
  const refuse = (names: readonly string[], errnoRet: number, args?: SeccompRule['args']): SeccompRule => ({
    names,
    action: 'SCMP_ACT_ERRNO',
    errnoRet,
    ...(args ? { args } : {}),
  })
  const family = (value: number, op: string): SeccompRule => refuse(['socket'], EAFNOSUPPORT, [{ index: 0, value, op }])
  const between = (low: number, high: number): SeccompRule[] =>
    Array.from({ length: high - low - 1 }, (_, index) => family(low + 1 + index, 'SCMP_CMP_EQ'))
  const families = [
    ...between(AF.inet, AF.inet6),
    ...between(AF.inet6, AF.netlink),
    ...(grants.rawSockets ? [] : [family(AF.packet, 'SCMP_CMP_EQ')]),
    family(AF.packet, 'SCMP_CMP_GT'),
  ]
  const onS390 = arch === 's390x'
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: abis,
    syscalls: [
      refuse(Object.values(refusedCalls).flat(), EPERM),
      // On s390 the flags are the second argument, clone(2).
      refuse(['clone'], EPERM, [
        { index: onS390 ? 1 : 0, value: CLONE_NEWUSER, valueTwo: CLONE_NEWUSER, op: 'SCMP_CMP_MASKED_EQ' },
      ]),
      // Its flags lie in memory, where no filter can look: C libraries then fall back on clone.
      refuse(['clone3'], ENOSYS),
      refuse(['ioctl'], EPERM, [{ index: 1, value: TIOCSTI, op: 'SCMP_CMP_EQ' }]),
      ...(grants.anySocket ? [] : families),
    ],
  }
}
