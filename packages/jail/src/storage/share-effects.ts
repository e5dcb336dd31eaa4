import { defineEffects } from '@gaoler/core'
import type { Zfs } from '@gaoler/zfs'
import { type HostEffect, unseen } from '../plan/effect.ts'
import type { Platform } from '../platform/platform.ts'

export interface AttachDataset {
  readonly dataset: string
  /** The kernel's name of a jail that runs. */
  readonly jail: string
}

/** Giving datasets to jails. The embedded platform has no kernel to do it: there it is only checked and told. */
export type ShareEffects = {
  readonly attachDataset: HostEffect<AttachDataset, void>
  /** Nothing happens when the jail or the dataset is gone. A jail on Linux that has ended by itself has its datasets still. */
  readonly detachDataset: HostEffect<AttachDataset, void>
}

export function shareEffects(zfs: Zfs, platform: Platform): ShareEffects {
  const attach = async ({ dataset, jail }: AttachDataset): Promise<void> => {
    const jid = platform.findJail(jail)?.jid
    if (jid === undefined) return
    // On linux the number is the process 1 of the jail, which is in its user namespace.
    if (platform.name === 'linux') await zfs.zone(dataset, jid)
    if (platform.name === 'freebsd') await zfs.jail(dataset, jid)
  }
  const detach = async ({ dataset, jail }: AttachDataset): Promise<void> => {
    const jid = platform.findJail(jail)?.jid
    const target = platform.datasetNamespace?.(jail) ?? jid
    if (target === undefined || !(await zfs.exists(dataset))) return
    if (platform.name === 'linux') await zfs.unzone(dataset, target)
    if (platform.name === 'freebsd') await zfs.unjail(dataset, target)
  }
  return defineEffects({
    attachDataset: {
      run: attach,
      undo: (args: AttachDataset) => ['detachDataset', args],
      plan: unseen,
      // The kernel keeps it in memory.
      volatile: true,
    },
    detachDataset: { run: detach, undo: null, plan: unseen, volatile: true },
  })
}
