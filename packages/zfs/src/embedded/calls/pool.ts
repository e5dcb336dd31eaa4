import { isAbsolute, resolve } from 'node:path'
import { FilesystemExists, FilesystemNameInvalid, PoolNotFound, PropertyInvalid } from '../../errors.ts'
import { checkName } from '../../names.ts'
import { mountAt, mountpointOf, unmount } from '../mounts.ts'
import type { Values } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { newRecord } from './create.ts'
import { discardDataset } from './destroy.ts'

export interface CreatePoolOptions {
  /** Where the pool is mounted: a path, `legacy` or `none`. Default: the folder `mnt/<pool>` of the directory. */
  readonly mountpoint?: string
}

/** Makes a pool and mounts it, as `zpool create` does. Throws FilesystemExists, FilesystemNameInvalid. */
export function* createPool(store: Store, name: string, { mountpoint }: CreatePoolOptions = {}): Steps<void> {
  const asked = `create the pool "${name}"`
  checkName(name, 'filesystem', asked)
  if (name.includes('/')) throw new FilesystemNameInvalid({ name, asked })
  if (mountpoint !== undefined && !isAbsolute(mountpoint) && mountpoint !== 'legacy' && mountpoint !== 'none') {
    const reason = 'it is an absolute path, "none" or "legacy"'
    throw new PropertyInvalid({ name, asked, property: 'mountpoint', reason })
  }
  yield* store.transact((transaction) => {
    const { draft, log } = transaction
    if (draft.dataset(name)) throw new FilesystemExists({ name, asked })
    const values: Values =
      mountpoint === undefined ? {} : { mountpoint: isAbsolute(mountpoint) ? resolve(mountpoint) : mountpoint }
    const record = newRecord({ name, type: 'filesystem' }, draft.txg, values)
    log.mkdir(store.data(record.guid))
    draft.put(record)
    const path = mountpointOf(store, draft, name).value
    if (isAbsolute(path)) mountAt(store, transaction, name, path)
  })
}

/** Unmounts and destroys a pool with all that is in it, holds or not, as `zpool destroy` does. Throws PoolNotFound. */
export function* destroyPool(store: Store, name: string): Steps<void> {
  const asked = `destroy the pool "${name}"`
  yield* store.transact((transaction) => {
    const { draft, discard } = transaction
    const pool = name.includes('/') ? undefined : draft.dataset(name)
    if (!pool) throw new PoolNotFound({ name, asked })
    for (const record of [...draft.descendants(name).reverse(), pool]) {
      unmount(store, transaction, record.name, { asked })
      for (const { guid } of record.snapshots) discard(store.snapshot(guid))
      discardDataset(store, transaction, record)
    }
  })
}
