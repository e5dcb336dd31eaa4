import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import type { Mount } from '../platform/platform.ts'
import { baseDirectories, baseRelease, SYSTEM, snapshotPath } from './base-directories.ts'
import { cloneRoot } from './standalone.ts'
import type { JailStorage } from './storage.ts'

/**
 * The jail's system directories are those of its release's newest snapshot, read-only: after the release was updated, the
 * next start runs the new patch level. All else is the jail's own.
 */
export const nullfsBasejail: JailStorage = {
  name: 'nullfs-basejail',
  setup: cloneRoot,
  apply: (s, jail) =>
    s.step('BasejailStorageConfig', async (t) => {
      const mounts = baseMounts(jail)
      for (const { target } of mounts) await removeLink(t, jail, target)
      return mounts
    }),
  teardown: (s, jail) =>
    s.step('BasejailStorageConfig', async (t) => {
      const { identifier: name } = jail
      // The release may be gone, or have other directories by now: whatever can be mounted is taken away.
      for (const directory of SYSTEM.toReversed()) {
        await t.host.unmount({ name, target: join(jail.rootPath, directory) })
      }
    }),
}

function baseMounts(jail: JailBase): Mount[] {
  const base = snapshotPath(jail.host, baseRelease(jail).requireFetched())
  return baseDirectories(base).map((name) => {
    return { type: 'nullfs', source: join(base, name), target: join(jail.rootPath, name), readOnly: true }
  })
}

/** What the jail has put in place of a system directory would not be hidden but followed. */
async function removeLink(t: HostScope, jail: JailBase, path: string): Promise<void> {
  // In the plan of a restart: a start has removed them, and what is there now comes from it.
  if (jail.host.world?.isReal(jail.identifier)) return
  const below = jail.rootPath
  const to = linkAt(path)
  if (to !== null) await t.host.removeLink({ path, to, below })
}

function linkAt(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
