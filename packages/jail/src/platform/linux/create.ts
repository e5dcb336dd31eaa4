import { mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { type EffectContext, IocError } from '@gaoler/core'
import { JailAlreadyRunning, JailLaunchFailed, MountFailed } from '../../errors.ts'
import type { LaunchParameters, Mount } from '../platform.ts'
import { cancelled, throwIfCancelled } from '../process.ts'
import { isPopulated, makeCgroup, requireCgroups } from './cgroup.ts'
import { crunArguments, crunErrors, runCrun } from './crun.ts'
import { requireDatasets } from './datasets.ts'
import { type LinuxHost, requireRoot, takeLock } from './host.ts'
import { filesOf, type JailFiles, makeLayout } from './layout.ts'
import type { Undo } from './mountpoints.ts'
import { ociConfig } from './oci-config.ts'
import { type Grants, grantsOf } from './parameters.ts'
import { claimIds, commit, findRunning, type JailRecord, startedInit } from './record.ts'
import { removeFiles, removeLeftover } from './remove.ts'
import { canMapIds, keepNamespace, mountRoot, unmountRoot } from './root-mount.ts'
import { withUserNamespace } from './user-namespace.ts'

/** Milliseconds for taking away what a failed creation had made. */
const undoLimit = 30_000

/**
 * Creates the jail; nothing of it exists when this throws.
 * Throws JailAlreadyRunning, JailLaunchFailed, JailParameterRefused, MountFailed, InsecureJailPath, MissingProgram,
 * HostNotSuitable, MustBeRoot, OperationCancelled.
 */
export async function createJail(
  host: LinuxHost,
  launch: LaunchParameters,
  { signal }: EffectContext,
): Promise<{ jid: number }> {
  throwIfCancelled(signal, 'createJail')
  requireRoot('creating a jail')
  requireCgroups()
  host.programs()
  const grants = grantsOf(launch)
  requireDatasets(grants)
  requireDirectory(launch)
  const resolved = { ...launch, mounts: launch.mounts.map(withRealSource) }
  makeLayout(host.layout)
  const files = filesOf(host.layout, launch.name)
  const lock = await takeLock(files.lock, `create jail ${launch.name}`, signal)
  try {
    const running = findRunning(files)
    if (running) throw new JailAlreadyRunning({ jail: launch.name, jid: running.init.pid })
    await removeLeftover(host, files, signal)
    requireFreeCgroup(launch.name, files)
    return await create(host, files, resolved, grants, signal)
  } finally {
    lock[Symbol.dispose]()
  }
}

async function create(
  host: LinuxHost,
  files: JailFiles,
  launch: LaunchParameters,
  grants: Grants,
  signal: AbortSignal,
): Promise<{ jid: number }> {
  let undoMountpoints: Undo = () => {}
  try {
    mkdirSync(files.bundle, { mode: 0o711 })
    mkdirSync(files.root)
    const record = await claimIds(host.layout, files, { name: launch.name, path: launch.path, grants }, signal)
    makeCgroup(files.cgroup)
    undoMountpoints = await prepareBundle(host, files, launch, record)
    return { jid: await launchBundle(host, files, record, signal) }
  } catch (thrown) {
    const error = explained(launch.name, thrown, signal)
    // Not by the signal that may have ended the creation.
    await removeFiles(host, files, AbortSignal.timeout(undoLimit)).catch((undo) => error.suppressed.push(undo))
    undoMountpoints()
    throw error
  }
}

/** Writes the runtime's configuration and mounts the root; the result takes away what was made in the root itself. */
async function prepareBundle(
  host: LinuxHost,
  files: JailFiles,
  launch: LaunchParameters,
  record: JailRecord,
): Promise<Undo> {
  makeEmptyDev(files, launch)
  return withUserNamespace(host.programs(), record.ids, (namespace) => {
    const config = ociConfig(launch, record.ids, {
      reaper: host.programs().reaper,
      cgroup: join(host.layout.cgroup, files.id),
      emptyDev: files.emptyDev,
      canMapIds: (source) => canMapIds(source, namespace),
    })
    writeFileSync(join(files.bundle, 'config.json'), JSON.stringify(config))
    const { mounts } = config
    return mountRoot({ jail: launch.name, path: launch.path, target: files.root, mounts }, namespace)
  })
}

/** Starts the jail's process 1; gives its pid. */
async function launchBundle(
  host: LinuxHost,
  files: JailFiles,
  record: JailRecord,
  signal: AbortSignal,
): Promise<number> {
  const log = join(files.bundle, 'crun.log')
  const args = [...crunArguments(host.layout.records, log), 'run', '--detach', `--bundle=${files.bundle}`, files.id]
  const end = await runCrun(host.programs(), args, signal)
  throwIfCancelled(signal, 'createJail')
  const init = end.code === 0 ? startedInit(files) : null
  if (init === null) {
    const reason = crunErrors(log) || `crun ended with ${end.signal ?? end.code} and said nothing`
    throw new JailLaunchFailed({ jail: record.name, reason })
  }
  // The jail has a mount of its own by now: on the host nothing is left mounted that could hold the dataset.
  unmountRoot(files.root)
  if (record.grants.datasets) keepNamespace(init.pid, files.namespace)
  commit(files, { ...record, init })
  return init.pid
}

/** What a jail without devfs sees at /dev: places for the reaper, for null and for ZFS's device, and the link that fdescfs asks for. */
function makeEmptyDev(files: JailFiles, launch: LaunchParameters): void {
  const has = (type: string): boolean => launch.mounts.some((mount) => mount.type === type)
  if (has('devfs')) return
  mkdirSync(join(files.emptyDev, '.gaoler'), { recursive: true, mode: 0o755 })
  const mountpoints = ['.gaoler/catatonit', 'null', ...(launch.managesDatasets ? ['zfs'] : [])]
  for (const mountpoint of mountpoints) writeFileSync(join(files.emptyDev, mountpoint), '')
  if (has('fdescfs')) symlinkSync('/proc/self/fd', join(files.emptyDev, 'fd'))
}

function requireDirectory(launch: LaunchParameters): void {
  const fail = (reason: string): never => {
    throw new JailLaunchFailed({ jail: launch.name, reason: `${launch.path} ${reason}` })
  }
  if (!isAbsolute(launch.path)) fail('is not an absolute path')
  if (!statSync(launch.path, { throwIfNoEntry: false })?.isDirectory()) fail('is not a directory')
}

/** crun follows no symbolic link at the end of a source, and says little when there is none. */
function withRealSource(mount: Mount): Mount {
  if (mount.type !== 'nullfs' || mount.source === undefined) return mount
  try {
    return { ...mount, source: realpathSync.native(mount.source) }
  } catch (cause) {
    throw new MountFailed({ mountpoint: mount.target, reason: `${mount.source} cannot be found` }, { cause })
  }
}

/** A cgroup of that name that is not this jail's is somebody else's: to remove the jail would kill it. */
function requireFreeCgroup(jail: string, files: JailFiles): void {
  if (!isPopulated(files.cgroup)) return
  throw new JailLaunchFailed({ jail, reason: `the cgroup ${files.cgroup} is in use by something else` })
}

function explained(jail: string, thrown: unknown, signal: AbortSignal): IocError {
  if (thrown instanceof IocError) return thrown
  if (signal.aborted) return cancelled(signal, 'createJail')
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new JailLaunchFailed({ jail, reason }, { cause: thrown })
}
