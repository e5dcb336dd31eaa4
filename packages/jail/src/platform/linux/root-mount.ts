import { existsSync, writeFileSync } from 'node:fs'
import { isErrno } from '../../errno.ts'
import { JailLaunchFailed } from '../../errors.ts'
import { makeMountpoints, type Undo } from './mountpoints.ts'
import type { OciMount } from './oci-config.ts'
import { attachMount, close, detachMount, mountAttribute, openTree, setMountAttributes } from './syscalls.ts'

export interface RootMount {
  readonly jail: string
  /** The jail's root on the host. */
  readonly path: string
  /** The directory at which crun will find it. */
  readonly target: string
  /** What will be mounted in it. */
  readonly mounts: readonly OciMount[]
}

/**
 * Mounts the jail's root a second time, with ids mapped (id 0 on the disk is the jail's id 0) and its device nodes dead.
 * Makes the missing mount points in it; the result takes those away again.
 * Throws JailLaunchFailed, InsecureJailPath; then nothing is mounted and nothing was made.
 */
export function mountRoot(root: RootMount, userNamespace: number): Undo {
  // Datasets below the root are the jail's too.
  const tree = openTree(root.path, { recursive: true })
  try {
    try {
      setMountAttributes(tree, mountAttribute.idMapped | mountAttribute.noDevices, userNamespace, { recursive: true })
    } catch (cause) {
      const reason = `the file system of ${root.path} cannot map ids: take a ZFS 2.2 dataset, ext4, xfs, btrfs or tmpfs`
      throw new JailLaunchFailed({ jail: root.jail, reason }, { cause })
    }
    const undo = makeMountpoints(tree, root.path, root.mounts)
    try {
      attachMount(tree, root.target)
      return undo
    } catch (error) {
      undo()
      throw error
    }
  } finally {
    close(tree)
  }
}

/** Takes away whatever is mounted at `target`; nothing happens when nothing is. A jail that runs keeps its root. */
export function unmountRoot(target: string): void {
  if (!existsSync(target)) return
  for (;;) {
    try {
      detachMount(target)
    } catch (error) {
      // It is no mount point, or no longer.
      if (isErrno(error, 'EINVAL', 'ENOENT')) return
      throw error
    }
  }
}

/** Keeps the user namespace of a process at `target`, also when the process has ended, until that is unmounted. */
export function keepNamespace(pid: number, target: string): void {
  writeFileSync(target, '', { flag: 'wx' })
  const tree = openTree(`/proc/${pid}/ns/user`)
  try {
    attachMount(tree, target)
  } finally {
    close(tree)
  }
}

/** Whether ids of the file system that holds `path` can be mapped. */
export function canMapIds(path: string, userNamespace: number): boolean {
  const tree = openTree(path)
  try {
    setMountAttributes(tree, mountAttribute.idMapped, userNamespace)
    return true
  } catch (error) {
    if (isErrno(error, 'EINVAL')) return false
    throw error
  } finally {
    close(tree)
  }
}
