import { closeSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
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
  try {
    const undo = makePlace(root, mount)
    const failed = await inMountNamespace(pid, tree, target)
    if (failed === null) return
    undo()
    if (failed.code === 'ELOOP') {
      throw new InsecureJailPath({ path: mount.target, reason: 'a symbolic link is on the way' })
    }
    throw new MountFailed({ mountpoint: mount.target, reason: failed.message })
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
  const tree = openTree(realSource(mount))
  const namespace = openSync(`/proc/${pid}/ns/user`, 'r')
  try {
    setMountAttributes(tree, attributesOf(mount), 0)
    setMountAttributes(tree, mountAttribute.idMapped, namespace)
  } catch (error) {
    // A file system that cannot map ids shows the host's: the same as at the start of a jail.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  } finally {
    closeSync(namespace)
  }
  return tree
}

function realSource({ source = '', target }: Mount): string {
  try {
    return realpathSync(source)
  } catch (cause) {
    throw new MountFailed({ mountpoint: target, reason: `${source} cannot be found` }, { cause })
  }
}

/** The host's id of the jail's root. */
function firstId(pid: number): string {
  return readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/)[1] ?? '0'
}

/** Makes the place to mount at where it is missing; the result takes it away again. */
function makePlace(root: string, mount: Mount): () => void {
  const { target } = mount
  const isFile = mount.type === 'nullfs' && !statSync(mount.source as string).isDirectory()
  const made = missingBeneath(root, isFile ? target.slice(0, target.lastIndexOf('/')) : target)
  for (const path of made) makeDirectoryBeneath(root, path, 0o755)
  const file = isFile && kindBeneath(root, target) === null
  if (file) writeTextBeneath(root, target, '', { mode: 0o644 })
  return () => {
    if (file) removeBeneath(root, target)
    for (const path of made.reverse()) removeDirectoryBeneath(root, path)
  }
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
