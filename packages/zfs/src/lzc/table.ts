import type { LzcCalls } from '../zfs.ts'
import type { Call } from './call.ts'
import { bookmarkCalls } from './table-bookmarks.ts'
import { datasetCalls } from './table-datasets.ts'
import { keyCalls } from './table-keys.ts'
import { poolCalls } from './table-pools.ts'
import { programCalls } from './table-programs.ts'
import { receiveCalls } from './table-receive.ts'
import { rollbackCalls } from './table-rollback.ts'
import { sendCalls } from './table-send.ts'
import { snapshotCalls } from './table-snapshots.ts'
import { vdevCalls } from './table-vdevs.ts'
import { waitCalls } from './table-wait.ts'

/** Every call of libzfs_core that is bound. A call added to LzcCalls and not here is an error of types. */
export type LzcTable = { readonly [K in keyof LzcCalls]: Call<Parameters<LzcCalls[K]>, ReturnType<LzcCalls[K]>> }

/**
 * The one description of libzfs_core: symbols, parameters, checks, results and errors. The facts are from OpenZFS's
 * lib/libzfs_core/libzfs_core.c and module/zfs/zfs_ioctl.c; the errors follow pyzfs, in which the numbers are the same.
 */
export const table: LzcTable = {
  ...datasetCalls,
  ...snapshotCalls,
  ...bookmarkCalls,
  ...rollbackCalls,
  ...sendCalls,
  ...receiveCalls,
  ...keyCalls,
  ...poolCalls,
  ...waitCalls,
  ...vdevCalls,
  ...programCalls,
}
