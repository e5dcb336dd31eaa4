import { parentPort, workerData } from 'node:worker_threads'
import type { HotMount, HotMounted } from './hot-mount.ts'
import { attachMountAt, close, detachMount, enterMountNamespace, openBelow, openFlag, resolve } from './syscalls.ts'

// Everything is loaded by now: what this thread would open from here on, it would open in the jail.
const { namespace, tree, target } = workerData as HotMount

function run(): HotMounted {
  try {
    enterMountNamespace(namespace)
    if (tree === null) {
      detachMount(target)
      return null
    }
    // The namespace's root is this thread's now.
    const root = openBelow(-1, '/', 0n, openFlag.path)
    const place = openBelow(root, target.slice(1), resolve.inRoot | resolve.noSymlinks)
    attachMountAt(tree, place)
    close(place)
    close(root)
    return null
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException
    return { code, message }
  }
}

parentPort?.postMessage(run())
