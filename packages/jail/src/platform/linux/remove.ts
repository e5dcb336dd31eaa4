import { existsSync, rmdirSync, rmSync } from 'node:fs'
import type { EffectContext } from '@gaoler/core'
import { JailDestructionFailed } from '../../errors.ts'
import { throwIfCancelled } from '../process.ts'
import { emptyCgroup, removeCgroupOfJail } from './cgroup.ts'
import { crunArguments, runCrun } from './crun.ts'
import { type LinuxHost, requireRoot, takeLock } from './host.ts'
import { filesOf, type JailFiles } from './layout.ts'
import { releaseIds } from './record.ts'
import { unmountRoot } from './root-mount.ts'

/**
 * Ends every process of the jail at once (SIGKILL, as jail_remove(2) does), waits until none is left, and takes away
 * what is left of it, also what a crashed process left half-made or half-removed. Nothing happens when there is nothing.
 * Throws JailDestructionFailed, MustBeRoot, OperationCancelled; removing again goes on where it stopped.
 */
export async function removeJail(
  host: LinuxHost,
  { name }: { name: string },
  { signal }: EffectContext,
): Promise<void> {
  const files = filesOf(host.layout, name)
  if (!hasFiles(files) && !existsSync(files.lock)) return
  requireRoot('removing a jail')
  throwIfCancelled(signal, 'removeJail')
  const lock = await takeLock(files.lock, `remove jail ${name}`, signal)
  try {
    if (hasFiles(files)) await removeFiles(host, files, signal)
  } catch (error) {
    throwIfCancelled(signal, 'removeJail')
    if (error instanceof JailDestructionFailed) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new JailDestructionFailed({ jail: name, reason }, { cause: error })
  } finally {
    lock[Symbol.dispose]()
  }
}

/** Takes away what a process left that ended while it made or removed this jail. Under the jail's lock. */
export async function removeLeftover(host: LinuxHost, files: JailFiles, signal: AbortSignal): Promise<void> {
  if (hasFiles(files)) await removeFiles(host, files, signal)
}

/** Under the jail's lock. The bundle goes last: as long as it is there, the rest is known to be this jail's. */
export async function removeFiles(host: LinuxHost, files: JailFiles, signal: AbortSignal): Promise<void> {
  await emptyCgroup(files.cgroup, signal)
  if (existsSync(files.crunRecords)) {
    // What crun thinks of it does not matter: all that it would do has been done, but its records are its own.
    const args = [...crunArguments(host.layout.records, '/dev/null'), 'delete', '--force', files.id]
    await runCrun(host.programs(), args)
    rmSync(files.crunRecords, { recursive: true, force: true })
  }
  unmountRoot(files.root)
  // The jail's own files must never be met by what follows: this fails if they are still mounted here.
  if (existsSync(files.root)) rmdirSync(files.root)
  if (!removeCgroupOfJail(files.cgroup)) {
    throw new JailDestructionFailed({ jail: files.name, reason: `processes remain in ${files.cgroup}` })
  }
  unmountRoot(files.namespace)
  releaseIds(host.layout, files)
  rmSync(files.bundle, { recursive: true, force: true })
}

function hasFiles(files: JailFiles): boolean {
  return existsSync(files.bundle) || existsSync(files.crunRecords)
}
