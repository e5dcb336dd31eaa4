import { JailLaunchFailed, JailNotRunning } from '../../errors.ts'
import type { LinuxHost } from './host.ts'
import { filesOf } from './layout.ts'
import { readProc } from './proc.ts'
import { findRunning } from './record.ts'

/**
 * Checks that the jail's loopback interface is up: crun has brought it up with the network namespace. An interface that
 * is down has no local address in the namespace's routes.
 */
export function verifyNetwork(host: LinuxHost, { name }: { name: string }): void {
  const running = findRunning(filesOf(host.layout, name))
  if (running === null) throw new JailNotRunning({ jail: name })
  const routes = readProc(`/proc/${running.init.pid}/net/fib_trie`) ?? ''
  if (/\b127\.0\.0\.1\b/.test(routes)) return
  throw new JailLaunchFailed({ jail: name, reason: 'its loopback interface is down' })
}
