import { splitSnapshot } from '@gaoler/zfs'
import type { JailBase } from '../jail/jail-base.ts'

/** One moment of a jail: the snapshots of one name of all its datasets. */
export interface JailSnapshot {
  readonly name: string
  readonly createdAt: Date
  /** Datasets that have it; one that is newer than the snapshot has not. */
  readonly datasets: readonly string[]
}

/** What both faces of a jail's snapshots share. Iterating lists them, the oldest first. */
export class SnapshotsBase implements Iterable<JailSnapshot> {
  readonly jail: JailBase

  constructor(jail: JailBase) {
    this.jail = jail
  }

  /** The jail's snapshots, the oldest first. Throws JailDoesNotExist. */
  list(): JailSnapshot[] {
    this.jail.requireJailExisting()
    const found = this.jail.host.zfs.listSync({
      root: this.jail.datasetName,
      types: ['snapshot'],
      properties: ['creation', 'createtxg'],
    })
    const moments = new Map<string, { txg: number; createdAt: Date; datasets: string[] }>()
    for (const { name, properties } of found) {
      const [dataset, tag] = splitSnapshot(name)
      const createdAt = properties.creation?.value ?? new Date()
      const moment = moments.get(tag) ?? { txg: Number(properties.createtxg?.value), createdAt, datasets: [] }
      moment.datasets.push(dataset)
      moments.set(tag, moment)
    }
    return [...moments]
      .sort(([, a], [, b]) => a.txg - b.txg)
      .map(([name, { createdAt, datasets }]) => ({ name, createdAt, datasets }))
  }

  [Symbol.iterator](): Iterator<JailSnapshot> {
    return this.list()[Symbol.iterator]()
  }
}
