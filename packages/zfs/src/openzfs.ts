import { bindCommands } from './command/index.ts'
import { commandSupports } from './command/table.ts'
import { requireForms, withForms } from './forms.ts'
import { bindLzc, lzcSupports } from './lzc/bind.ts'
import { bindPools } from './pool/bind.ts'
import type { ListOptions, Zfs } from './zfs.ts'

export interface OpenZfsOptions {
  /** Whether `zpool` is asked for JSON (OpenZFS 2.3 and newer); by default that is found out. */
  readonly json?: boolean
}

/**
 * The ZFS of this machine: libzfs_core, and the commands `zfs` and `zpool` for what that lacks.
 * Nothing is loaded or run before the first call, which throws ZFSInitializationFailed where there is no ZFS.
 */
export function openZfs({ json }: OpenZfsOptions = {}): Zfs {
  const lzc = bindLzc()
  const { iterate, ...commands } = bindCommands(lzc)
  const calls = {
    ...withForms({ ...lzc, ...commands }),
    iterate: (options?: ListOptions) => {
      requireForms('list', [options])
      return iterate(options)
    },
  }
  const isSupported: Zfs['isSupported'] = (call) => commandSupports(call) || lzcSupports(call)
  return { kind: 'openzfs', isSupported, ...calls, pools: withForms(bindPools(lzc, { json }), 'pools.') } as Zfs
}
