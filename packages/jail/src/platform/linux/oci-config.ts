import { UsageError } from '@gaoler/core'
import { InsecureJailPath, MountFailed } from '../../errors.ts'
import type { LaunchParameters, Mount } from '../platform.ts'
import { type DeviceRule, datasetMounts, deviceRules } from './datasets.ts'
import type { IdRange } from './ids.ts'
import { requireOptions } from './mount-options.ts'
import { type Grants, grantsOf } from './parameters.ts'
import {
  type Capabilities,
  capabilities,
  maskedPaths,
  noCapabilities,
  readonlyPaths,
  type Seccomp,
  seccomp,
} from './security.ts'
import { type JailUser, superuser } from './users.ts'

/** A mount of the runtime specification (config.md, section Mounts). */
export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

interface IdMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

/** What this platform uses of a bundle's config.json. */
export interface OciConfig {
  readonly ociVersion: '1.0.2'
  readonly root: { readonly path: string }
  readonly hostname: string
  /** Of specification 1.1; crun 1.8 knows it. */
  readonly domainname?: string
  readonly process: OciProcess
  readonly mounts: readonly OciMount[]
  readonly annotations: Readonly<Record<string, string>>
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[]
    readonly uidMappings: readonly IdMapping[]
    readonly gidMappings: readonly IdMapping[]
    readonly cgroupsPath: string
    readonly rootfsPropagation: 'private'
    readonly maskedPaths: readonly string[]
    readonly readonlyPaths: readonly string[]
    readonly resources?: { readonly devices: readonly DeviceRule[] }
    readonly seccomp?: Seccomp
  }
}

export interface OciProcess {
  readonly terminal: boolean
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: Capabilities
  readonly noNewPrivileges: true
}

/** What a bundle's config.json is made from, beside the launch parameters. */
export interface BundleInput {
  /** Absolute path of the reaper on the host. */
  readonly reaper: string
  /** Path of the jail's cgroup, below the root of cgroup v2. */
  readonly cgroup: string
  /** A directory of the host that is shown at /dev when no devfs is asked for. */
  readonly emptyDev: string
  /** Whether the file system of a nullfs mount's source can map ids. */
  readonly canMapIds: (source: string) => boolean
}

/** Where the jail sees its reaper: below /dev, so that nothing is left behind in its root. */
const reaperPath = '/dev/.gaoler/catatonit'

/** Where a command is looked for when its environment has no PATH. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Where only one type of mount can be. */
const places: Readonly<Record<string, Mount['type']>> = { '/dev': 'devfs', '/dev/fd': 'fdescfs', '/proc': 'procfs' }
const restricted = ['nosuid', 'nodev']
/** Private: what the host mounts below the source later does not come into the jail. */
const bind = ['bind', 'private']

/**
 * The bundle's config.json, as the OCI runtime specification 1.0.2 describes it.
 * Throws JailParameterRefused, MountFailed, InsecureJailPath.
 */
export function ociConfig(launch: LaunchParameters, ids: IdRange, input: BundleInput): OciConfig {
  const filter = seccomp(grantsOf(launch))
  const domain = launch.parameters['host.domainname']
  const mapping = [{ containerID: 0, hostID: ids.first, size: ids.count }]
  return {
    ociVersion: '1.0.2',
    // Relative to the bundle.
    root: { path: 'rootfs' },
    hostname: launch.hostname,
    ...(typeof domain === 'string' ? { domainname: domain } : {}),
    // The reaper needs no right at all: it only waits.
    process: { ...baseProcess([reaperPath, '-P'], [`PATH=${defaultPath}`]), capabilities: noCapabilities },
    mounts: launchMounts(launch, input),
    annotations: {
      'org.gaoler.jail': launch.name,
      'org.gaoler.path': launch.path,
      'org.gaoler.hostuuid': launch.hostuuid,
    },
    linux: {
      namespaces: ['user', 'mount', 'pid', 'uts', 'ipc', 'network', 'cgroup'].map((type) => ({ type })),
      uidMappings: mapping,
      gidMappings: mapping,
      cgroupsPath: `/${input.cgroup}`,
      rootfsPropagation: 'private',
      maskedPaths,
      readonlyPaths,
      ...(launch.managesDatasets ? { resources: { devices: deviceRules() } } : {}),
      ...(filter ? { seccomp: filter } : {}),
    },
  }
}

/**
 * The process.json of a command. PATH, HOME and at a terminal TERM have defaults; nothing else comes
 * from anywhere but `env`.
 * Throws UsageError for what no process can be given: it would be cut off in silence.
 */
export function ociProcess(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  grants: Grants,
  { terminal = false, user = superuser }: { terminal?: boolean; user?: JailUser } = {},
): OciProcess {
  if ([...argv, ...Object.entries(env).flat()].some((text) => text.includes('\0'))) {
    throw new UsageError('a command and its environment cannot hold the character NUL', { argv })
  }
  if (Object.keys(env).some((name) => name === '' || name.includes('='))) {
    throw new UsageError('the name of an environment variable cannot be empty and cannot hold `=`', { env })
  }
  const variables = Object.entries({ PATH: defaultPath, HOME: user.home, ...env }).map(
    ([name, value]) => `${name}=${value}`,
  )
  const { uid, gid, groups } = user
  return {
    ...baseProcess(argv, variables),
    user: { uid, gid, ...(groups.length > 0 ? { additionalGids: groups } : {}) },
    // Only the jail's root has any.
    capabilities: uid === 0 ? capabilities(grants) : noCapabilities,
    terminal,
  }
}

function baseProcess(args: readonly string[], env: readonly string[]): Omit<OciProcess, 'capabilities'> {
  return { terminal: false, user: { uid: 0, gid: 0 }, args, env, cwd: '/', noNewPrivileges: true }
}

/** In the order in which they are made. /proc is always there: hardly a program of Linux does without. */
function launchMounts(launch: LaunchParameters, input: BundleInput): OciMount[] {
  const asked = launch.mounts.flatMap((mount) => ociMounts(launch, mount, input))
  const dev = launch.mounts.some(({ type }) => type === 'devfs') ? devfs() : withoutDevfs(input.emptyDev)
  const datasets = launch.managesDatasets ? datasetMounts : []
  return [proc('/proc'), ...dev, reaperMount(input.reaper), ...datasets, ...asked]
}

/** Those beside what every jail has. */
function ociMounts(launch: LaunchParameters, mount: Mount, input: BundleInput): OciMount[] {
  const destination = pathInJail(launch.path, mount.target)
  const owner = places[destination]
  if (owner !== undefined && owner !== mount.type) {
    throw new MountFailed({ mountpoint: mount.target, reason: `on linux only ${owner} can be there` })
  }
  const access = mount.readOnly ? 'ro' : 'rw'
  const others = requireOptions(mount)
  switch (mount.type) {
    case 'devfs':
      requirePlace(mount, destination, '/dev')
      return []
    case 'fdescfs':
      // /dev/fd is a link into /proc, which the runtime makes, as it does for every container.
      requirePlace(mount, destination, '/dev/fd')
      return []
    case 'procfs':
      return destination === '/proc' ? [] : [proc(destination)]
    case 'tmpfs':
      return [{ destination, type: 'tmpfs', source: 'tmpfs', options: [...restricted, 'mode=1777', access, ...others] }]
    case 'nullfs': {
      const { source } = mount
      if (source === undefined) throw new MountFailed({ mountpoint: mount.target, reason: 'nullfs needs a source' })
      // A word of crun: the mount takes the jail's own mapping, so that id 0 on the disk is id 0 inside.
      const idmap = input.canMapIds(source) ? ['idmap'] : []
      return [{ destination, type: 'bind', source, options: [...bind, ...restricted, access, ...others, ...idmap] }]
    }
  }
}

/** The path that the jail has for a path of the host. Throws InsecureJailPath when that is not below the root. */
export function pathInJail(root: string, target: string): string {
  const base = root.endsWith('/') ? root : `${root}/`
  const below = target.startsWith(base) ? target.slice(base.length) : ''
  const parts = below.split('/')
  if (below === '' || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new InsecureJailPath({ path: target, reason: `it is not a plain path below the jail's root ${root}` })
  }
  return `/${below}`
}

function requirePlace(mount: Mount, destination: string, place: string): void {
  if (destination === place) return
  throw new MountFailed({ mountpoint: mount.target, reason: `on linux ${mount.type} can only be at ${place}` })
}

function proc(destination: string): OciMount {
  return { destination, type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] }
}

/** The runtime adds null, zero, full, random, urandom and tty to a /dev that is a tmpfs, and the links of /dev/fd. */
function devfs(): OciMount[] {
  const tmpfs = (destination: string, options: readonly string[]): OciMount => {
    return { destination, type: 'tmpfs', source: 'tmpfs', options }
  }
  return [
    tmpfs('/dev', ['nosuid', 'strictatime', 'mode=755', 'size=1m']),
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    tmpfs('/dev/shm', ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=64m']),
  ]
}

/** The runtime puts no devices into a /dev that is bound, but needs one itself: without devfs there is null alone. */
function withoutDevfs(source: string): OciMount[] {
  return [
    { destination: '/dev', type: 'bind', source, options: [...bind, 'ro', 'nosuid', 'noexec'] },
    { destination: '/dev/null', type: 'bind', source: '/dev/null', options: [...bind, 'nosuid', 'noexec'] },
  ]
}

function reaperMount(source: string): OciMount {
  return { destination: reaperPath, type: 'bind', source, options: [...bind, 'ro', ...restricted] }
}
