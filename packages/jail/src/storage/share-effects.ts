import { defineEffects } from '@gaoler/core'
import type { Zfs } from '@gaoler/zfs'
import { type HostEffect, unseen } from '../plan/effect.ts'
import type { Platform } from '../platform/platform.ts'

export interface Share {
  readonly dataset: string
  /** The kernel's name of a jail that runs. */
  readonly jail: string
}

/** Giving datasets to jails. The embedded platform has no kernel to do it: there it is only checked and told. */
export type ShareEffects = {
  readonly attachDataset: HostEffect<Share, void>
  /** Nothing happens when the jail is gone: what it had went with it. */
  readonly detachDataset: HostEffect<Share, void>
}

export function shareEffects(zfs: Zfs, platform: Platform): ShareEffects {
  const change = async ({ dataset, jail }: Share, attach: boolean): Promise<void> => {
    const jid = platform.findJail(jail)?.jid
    if (jid === undefined) return
    // On linux the number is the process 1 of the jail, which is in its user namespace.
    if (platform.name === 'linux') await (attach ? zfs.zone(dataset, jid) : zfs.unzone(dataset, jid))
    if (platform.name === 'freebsd') await (attach ? zfs.jail(dataset, jid) : zfs.unjail(dataset, jid))
  }
  return defineEffects({
    attachDataset: {
      run: (share: Share) => change(share, true),
      undo: (share: Share) => ['detachDataset', share],
      plan: unseen,
      // The kernel keeps it in memory.
      volatile: true,
    },
    detachDataset: { run: (share: Share) => change(share, false), undo: null, plan: unseen, volatile: true },
  })
}
