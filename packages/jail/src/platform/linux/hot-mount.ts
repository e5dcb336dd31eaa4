import { closeSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { InsecureJailPath, MountFailed, UnmountFailed } from '../../errors.ts'
import {
  kindBeneath,
  makeDirectoryBeneath,
  missingBeneath,
  removeBeneath,
  removeDirectoryBeneath,
  writeTextBeneath,
} from '../../host/beneath.ts'
import type { Mount } from '../platform.ts'
import { attributesOf, requireOptions } from './mount-options.ts'
import type { Undo } from './mountpoints.ts'
import { canMapIds } from './root-mount.ts'
import { close, mountAttribute, newMount, openTree, setMountAttributes } from './syscalls.ts'

/**
 * Mounting in a jail that runs. A mount that is attached nowhere yet is made on the host, and a thread of its own enters
 * the jail's mount namespace to attach it: no program runs in there that the jail could have prepared.
 */

/** What the thread is to do. */
export interface HotMount {
  /** Descriptor of the jail's mount namespace. */
  readonly namespace: number
  /** Descriptor of the detached mount; null to unmount. */
  readonly tree: number | null
  /** The path in the jail. */
  readonly target: string
}

/** What came of it: null, or what went wrong, as node:fs says it. */
export type HotMounted = { readonly code: string; readonly message: string } | null

/** Throws MountFailed, InsecureJailPath. `root`: the jail's root on the host. */
export async function attachInJail(pid: number, root: string, mount: Mount, target: string): Promise<void> {
  const tree = detachedMount(pid, mount)
  const undos: Undo[] = []
  try {
    makePlace(root, mount, undos)
    const failed = await inMountNamespace(pid, tree, target)
    if (failed?.code === 'ELOOP') {
      throw new InsecureJailPath({ path: mount.target, reason: 'a symbolic link is on the way' })
    }
    if (failed) throw new MountFailed({ mountpoint: mount.target, reason: failed.message })
  } catch (error) {
    for (const undo of undos.reverse()) undo()
    throw error
  } finally {
    close(tree)
  }
}

/** Throws UnmountFailed. What still uses the mount keeps it; nobody finds it any more. */
export async function detachInJail(pid: number, mount: Pick<Mount, 'target'>, target: string): Promise<void> {
  const failed = await inMountNamespace(pid, null, target)
  if (failed) throw new UnmountFailed({ mountpoint: mount.target, reason: failed.message })
}

/** A descriptor of the mount; it is gone when that is closed before it was attached. */
function detachedMount(pid: number, mount: Mount): number {
  const options = requireOptions(mount)
  if (mount.type === 'tmpfs') {
    const root = firstId(pid)
    const own = Object.fromEntries(options.filter((option) => option.includes('=')).map((option) => option.split('=')))
    return newMount('tmpfs', { mode: '1777', uid: root, gid: root, ...own }, attributesOf(mount))
  }
  if (mount.type !== 'nullfs' || mount.source === undefined) {
    const reason = `${mount.type} cannot be mounted while the jail runs: stop it first`
    throw new MountFailed({ mountpoint: mount.target, reason })
  }
  const source = realSource(mount)
  const namespace = openSync(`/proc/${pid}/ns/user`, 'r')
  try {
    // As at the start of a jail: a file system that cannot map ids shows the host's.
    const mapped = canMapIds(source, namespace) ? mountAttribute.idMapped : 0n
    const tree = openTree(source)
    try {
      setMountAttributes(tree, attributesOf(mount) | mapped, namespace)
      return tree
    } catch (error) {
      close(tree)
      throw error
    }
  } finally {
    closeSync(namespace)
  }
}

function realSource({ source = '', target }: Mount): string {
  try {
    return realpathSync.native(source)
  } catch (cause) {
    throw new MountFailed({ mountpoint: target, reason: `${source} cannot be found` }, { cause })
  }
}

/** The host's id of the jail's root. */
function firstId(pid: number): string {
  return readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/)[1] ?? '0'
}

/** Makes the place to mount at where it is missing; each undo takes away what was made. */
function makePlace(root: string, mount: Mount, undos: Undo[]): void {
  const { target } = mount
  const isFile = mount.type === 'nullfs' && !statSync(mount.source as string).isDirectory()
  for (const path of missingBeneath(root, isFile ? dirname(target) : target)) {
    makeDirectoryBeneath(root, path, 0o755)
    undos.push(() => removeDirectoryBeneath(root, path))
  }
  if (!isFile || kindBeneath(root, target) !== null) return
  writeTextBeneath(root, target, '', { mode: 0o644 })
  undos.push(() => removeBeneath(root, target))
}

async function inMountNamespace(pid: number, tree: number | null, target: string): Promise<HotMounted> {
  const namespace = openSync(`/proc/${pid}/ns/mnt`, 'r')
  try {
    const file = import.meta.url.endsWith('.ts') ? './hot-mount-worker.ts' : './hot-mount-worker.js'
    const workerData: HotMount = { namespace, tree, target }
    const worker = new Worker(new URL(file, import.meta.url), { name: 'gaoler-mount', execArgv: [], workerData })
    const { promise, resolve, reject } = Promise.withResolvers<HotMounted>()
    worker.on('message', resolve).on('error', reject)
    worker.on('exit', () => reject(new Error('the thread that mounts ended without an answer')))
    return await promise
  } finally {
    closeSync(namespace)
  }
}
