import { MustBeRoot } from '../../errors.ts'
import { waitForLock } from '../../host/lock.ts'
import { throwIfCancelled } from '../process.ts'
import type { Layout } from './layout.ts'
import type { Programs } from './programs.ts'

/** What every effect of this platform needs of the host. */
export interface LinuxHost {
  readonly layout: Layout
  /** Looks for them at the first call, so that a host without them can still be asked what runs. */
  programs(): Programs
}

/** Throws MustBeRoot. */
export function requireRoot(operation: string): void {
  if (process.geteuid?.() !== 0) throw new MustBeRoot({ operation })
}

/** Waits for the lock at `path`. Throws OperationCancelled when `signal` fires meanwhile. */
export async function takeLock(path: string, purpose: string, signal: AbortSignal): Promise<Disposable> {
  try {
    return await waitForLock(path, { purpose, signal })
  } catch (error) {
    throwIfCancelled(signal, purpose)
    throw error
  }
}
