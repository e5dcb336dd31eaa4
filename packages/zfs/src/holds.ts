import type { DatasetType, ListOptions, Zfs } from './zfs.ts'

export interface Hold {
  readonly snapshot: string
  readonly tag: string
  /** When it was placed. */
  readonly since: Date
}

/**
 * The holds of all snapshots below a dataset, or of every pool, one after the other: `for await (const hold of holds(zfs))`.
 * Only snapshots that have some are asked for their tags. Throws DatasetNotFound.
 */
export async function* holds(
  zfs: Zfs,
  options: Pick<ListOptions, 'root' | 'depth' | 'signal'> = {},
): AsyncGenerator<Hold, void, void> {
  const types = ['snapshot'] as const satisfies DatasetType[]
  for await (const { name, properties } of zfs.iterate({ ...options, types, properties: ['userrefs'] })) {
    if (properties.userrefs.value === 0n) continue
    for (const [tag, seconds] of Object.entries(await zfs.getHolds(name))) {
      yield { snapshot: name, tag, since: new Date(Number(seconds) * 1000) }
    }
  }
}
