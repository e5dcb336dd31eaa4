import { closeSync, existsSync, fstatSync } from 'node:fs'
import { InsecureJailPath, JailLaunchFailed } from '../../errors.ts'
import {
  attachMount,
  detachMount,
  mountAttribute,
  openBelow,
  openTree,
  resolve,
  setMountAttributes,
} from './syscalls.ts'

export interface RootMount {
  readonly jail: string
  /** The jail's root on the host. */
  readonly path: string
  /** The directory at which crun will find it. */
  readonly target: string
  /** Paths inside at which something will be mounted. */
  readonly mountpoints: readonly string[]
}

/**
 * Mounts the jail's root a second time, with ids mapped (id 0 on the disk is the jail's id 0) and its device nodes dead.
 * Throws JailLaunchFailed, InsecureJailPath; then nothing is mounted.
 */
export function mountRoot(root: RootMount, userNamespace: number): void {
  const tree = openTree(root.path)
  try {
    try {
      setMountAttributes(tree, mountAttribute.idMapped | mountAttribute.noDevices, userNamespace)
    } catch (cause) {
      const reason = `the file system of ${root.path} cannot map ids: take a ZFS 2.2 dataset, ext4, xfs, btrfs or tmpfs`
      throw new JailLaunchFailed({ jail: root.jail, reason }, { cause })
    }
    requirePlainMountpoints(tree, root)
    attachMount(tree, root.target)
  } finally {
    closeSync(tree)
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
      if (['EINVAL', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return
      throw error
    }
  }
}

/** Whether ids of the file system that holds `path` can be mapped. */
export function canMapIds(path: string, userNamespace: number): boolean {
  const tree = openTree(path)
  try {
    setMountAttributes(tree, mountAttribute.idMapped, userNamespace)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return false
    throw error
  } finally {
    closeSync(tree)
  }
}

/**
 * Mount points belong to the jail, which may have put symbolic links in their place. crun before 1.9 follows a /dev
 * that is a link out into the host, and wherever a link leads it is not what the configuration says.
 */
function requirePlainMountpoints(tree: number, root: RootMount): void {
  const covered = (path: string): boolean => root.mountpoints.some((other) => path.startsWith(`${other}/`))
  for (const path of root.mountpoints.filter((mountpoint) => !covered(mountpoint))) {
    try {
      const descriptor = openBelow(tree, path, resolve.inRoot | resolve.noSymlinks)
      const isDirectory = fstatSync(descriptor).isDirectory()
      closeSync(descriptor)
      if (!isDirectory && (path === '/dev' || path === '/proc')) throw insecure(root, path, 'it is not a directory')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ELOOP') throw insecure(root, path, 'a symbolic link is on the way: name the place it leads to')
      if (code === 'ENOTDIR') throw insecure(root, path, 'a file stands where a directory must be')
      // The runtime makes what is missing.
      if (code !== 'ENOENT') throw error
    }
  }
}

function insecure(root: RootMount, path: string, reason: string): InsecureJailPath {
  return new InsecureJailPath({ path: root.path + path, reason })
}
