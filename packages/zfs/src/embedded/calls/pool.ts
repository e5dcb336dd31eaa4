import { isAbsolute, resolve } from 'node:path'
import { NotSupportedOnEmbedded, PoolExists, PoolNotFound, PropertyInvalid } from '../../errors.ts'
import { checkPool } from '../../lzc/checks.ts'
import { checkNewPool } from '../../pool/check.ts'
import type { CreatePoolOptions } from '../../pool/pools.ts'
import { mountAt, mountpointOf, unmount } from '../mounts.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { checkedValues } from '../values.ts'
import { newRecord } from './create.ts'
import { discardDataset } from './destroy.ts'
import { checkPoolValues } from './pool-query.ts'

/**
 * Makes a pool in the directory and mounts it. Its options are those of `zpool create` that have a meaning here; devices and
 * an altroot have none. Throws PoolExists, NameInvalid, PropertyInvalid, NotSupportedOnEmbedded.
 */
export function* createPool(store: Store, name: string, options: CreatePoolOptions = {}): Steps<void> {
  const asked = `create the pool "${name}"`
  checkNewPool(name, asked)
  const { mountpoint, properties = {}, fsProperties = {} } = options
  for (const option of ['vdevs', 'altroot'] as const) {
    if (options[option] !== undefined) throw new NotSupportedOnEmbedded({ name: `pools.create with ${option}`, asked })
  }
  if (mountpoint !== undefined && !isAbsolute(mountpoint) && mountpoint !== 'legacy' && mountpoint !== 'none') {
    const reason = 'it is an absolute path, "none" or "legacy"'
    throw new PropertyInvalid({ name, asked, property: 'mountpoint', reason })
  }
  const pool = checkPoolValues(properties, name, asked)
  const chosen = checkedValues({ name, type: 'filesystem' }, fsProperties, asked, true)
  yield* store.transact((transaction) => {
    const { draft, log } = transaction
    if (draft.dataset(name)) throw new PoolExists({ name, asked })
    const place = mountpoint !== undefined && { mountpoint: isAbsolute(mountpoint) ? resolve(mountpoint) : mountpoint }
    const record = { ...newRecord({ name, type: 'filesystem' }, draft.txg, { ...chosen, ...place }), pool }
    log.mkdir(store.data(record.guid))
    draft.put(record)
    const path = mountpointOf(store, draft, name).value
    if (isAbsolute(path)) mountAt(store, transaction, name, path)
  })
}

/** Unmounts and destroys a pool with all that is in it, holds or not, as `zpool destroy` does. Throws PoolNotFound. */
export function* destroyPool(store: Store, name: string): Steps<void> {
  const asked = `destroy the pool "${name}"`
  checkPool(name, asked)
  yield* store.transact((transaction) => {
    const { draft, discard } = transaction
    const pool = draft.dataset(name)
    if (!pool) throw new PoolNotFound({ name, asked })
    for (const record of [...draft.descendants(name).reverse(), pool]) {
      unmount(store, transaction, record.name, { asked })
      for (const { guid } of record.snapshots) discard(store.snapshot(guid))
      discardDataset(store, transaction, record)
    }
  })
}
