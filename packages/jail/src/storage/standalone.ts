import type { Step } from '@gaoler/core'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import type { JailStorage } from './storage.ts'

/** The jail has all its files for itself: its root is a clone, and differs from the release from then on. */
export const standalone: JailStorage = {
  name: 'standalone',
  setup: cloneRoot,
  apply: () => null,
  teardown: () => null,
}

/** The root as a clone of a snapshot, or empty. */
export function cloneRoot(s: HostScope, jail: JailBase, snapshot: string | null): Step<unknown> {
  const name = jail.rootDatasetName
  if (snapshot === null)
    return s.step('JailSkeleton', (t) => t.host.createDataset({ name }), { payload: { dataset: name } })
  return s.step('ZFSSnapshotClone', (t) => t.host.cloneSnapshot({ snapshot, name }), {
    identifier: snapshot,
    payload: { target: name },
  })
}
