import { homedir } from 'node:os'
import { join } from 'node:path'
import { embeddedZfs, openZfs, type Zfs } from '@gaoler/zfs'
import type { World } from '../plan/world.ts'
import { embeddedPlatform } from '../platform/embedded/index.ts'
import { linuxPlatform } from '../platform/linux/index.ts'
import type { Platform, PlatformName } from '../platform/platform.ts'
import { detectPlatform, requirePlatform } from './detect.ts'
import { ACTIVE } from './sources.ts'

export interface HostOptions {
  /** Default: the real platform where there is one, else embedded (`host.chosenBecause` says why). */
  readonly platform?: PlatformName
  /**
   * Root datasets by the names of their sources; the first is the main one. Default: what `rcConf` says, else `iocage` of the
   * active pool, as the source `ioc`. A root dataset that is not there yet is made when it is first needed.
   */
  readonly sources?: Readonly<Record<string, string>>
  /**
   * A file in the syntax of rc.conf(5) whose `ioc_dataset_<SOURCE>="pool/dataset"` name sources.
   * Default: /etc/rc.conf on FreeBSD, /etc/gaoler/rc.conf on Linux, `rc.conf` in the embedded platform's directory.
   */
  readonly rcConf?: string
  /** Where the embedded platform keeps its datasets and processes; default `$XDG_DATA_HOME/gaoler`. */
  readonly directory?: string
  /** Where running jails and locks are recorded; default /run/gaoler, embedded: below `directory`. */
  readonly runDirectory?: string
  /**
   * Where operations write what they are about to do: it must survive a reboot.
   * Default /var/db/gaoler on FreeBSD, /var/lib/gaoler on Linux, embedded: below `directory`.
   */
  readonly stateDirectory?: string
}

/** What a host is made of. */
export interface HostParts {
  readonly platform: Platform
  readonly zfs: Zfs
  /** Whether that is not what the options open. */
  readonly zfsGiven?: boolean
  readonly runDirectory: string
  readonly stateDirectory: string
  readonly rcConf: string
  readonly chosenBecause: string | null
  /** The options with which the same host is opened again. */
  readonly options: HostOptions
  /** Of a host that only plans. */
  readonly world?: World
}

/** The pool of the embedded ZFS. */
const EMBEDDED_POOL = 'embedded'

/** Throws PlatformUnavailable, ZFSInitializationFailed. */
export function openParts(options: HostOptions): HostParts {
  const detected = options.platform ? null : detectPlatform()
  const name = options.platform ?? detected?.platform ?? 'embedded'
  const chosenBecause = detected?.reason ?? null
  if (name === 'embedded') return openEmbedded(options, chosenBecause)
  requirePlatform(name)
  const runDirectory = options.runDirectory ?? '/run/gaoler'
  return {
    platform: linuxPlatform({ runDirectory }),
    zfs: openZfs(),
    runDirectory,
    stateDirectory: options.stateDirectory ?? (process.platform === 'freebsd' ? '/var/db/gaoler' : '/var/lib/gaoler'),
    rcConf: options.rcConf ?? (process.platform === 'freebsd' ? '/etc/rc.conf' : '/etc/gaoler/rc.conf'),
    chosenBecause,
    options: { ...options, platform: name },
  }
}

function openEmbedded(options: HostOptions, chosenBecause: string | null): HostParts {
  const directory = options.directory ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'gaoler')
  const runDirectory = options.runDirectory ?? join(directory, 'run')
  const zfs = embeddedZfs({ directory: join(directory, 'zfs') })
  if (!zfs.existsSync(EMBEDDED_POOL)) makeEmbeddedPool(zfs)
  return {
    platform: embeddedPlatform({ directory: runDirectory }),
    zfs,
    runDirectory,
    stateDirectory: options.stateDirectory ?? join(directory, 'state'),
    rcConf: options.rcConf ?? join(directory, 'rc.conf'),
    chosenBecause,
    options: { ...options, platform: 'embedded', directory },
  }
}

function makeEmbeddedPool(zfs: ReturnType<typeof embeddedZfs>): void {
  zfs.pools.createSync(EMBEDDED_POOL)
  const root = `${EMBEDDED_POOL}/iocage`
  for (const name of [root, `${root}/jails`, `${root}/releases`]) {
    zfs.createSync(name)
    zfs.mountSync(name)
  }
  zfs.setSync(EMBEDDED_POOL, { [ACTIVE]: 'yes' })
}
