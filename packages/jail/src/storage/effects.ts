import { rmdir } from 'node:fs/promises'
import { defineEffects } from '@gaoler/core'
import { type Dataset, DatasetBusy, FilesystemExists, type ListOptions, type Zfs } from '@gaoler/zfs'
import type { HostEffect } from '../plan/effect.ts'
import type { World } from '../plan/world.ts'

/** What jails and releases do with ZFS. */
export type ZfsEffects = {
  readonly listDatasets: HostEffect<ListOptions, Dataset[]>
  /** Tags of the holds of a snapshot. */
  readonly listHolds: HostEffect<{ snapshot: string }, string[]>
  /** Creates and mounts a filesystem; its parent must exist. Undone with all that was put into it. */
  readonly createDataset: HostEffect<{ name: string }, void>
  /** Creates and mounts a filesystem and those above it, as far as they are missing: parts of a source, which stay. */
  readonly ensureDataset: HostEffect<{ name: string }, void>
  /** Sets a property as `zfs set` does, or with null inherits it; `previous` is what was set here before. */
  readonly setProperty: HostEffect<SetProperty, void>
  readonly cloneSnapshot: HostEffect<{ snapshot: string; name: string }, void>
  /** Unmounts and destroys one filesystem that has neither children nor snapshots. */
  readonly destroyDataset: HostEffect<{ name: string }, void>
  /** One transaction: all of them or none. */
  readonly createSnapshots: HostEffect<{ names: readonly string[] }, void>
  /** With `defer`, a snapshot that has clones goes with the last of them. */
  readonly destroySnapshots: HostEffect<{ names: readonly string[]; defer?: boolean }, void>
}

export interface SetProperty {
  readonly name: string
  readonly property: string
  readonly value: string | null
  readonly previous: string | null
}

export function zfsEffects(zfs: Zfs): ZfsEffects {
  return defineEffects({
    listDatasets: {
      run: (options: ListOptions) => zfs.list(options),
      undo: null,
      query: true,
    },
    listHolds: {
      run: async ({ snapshot }: { snapshot: string }) => Object.keys(await zfs.getHolds(snapshot)),
      undo: null,
      query: true,
    },
    createDataset: {
      run: async ({ name }: { name: string }) => {
        await zfs.create(name)
        await mountOrDestroy(zfs, name)
      },
      undo: ({ name }: { name: string }) => ['destroyDataset', { name }],
      plan: ({ name }: { name: string }, { datasets }: World) => datasets.create(name),
    },
    ensureDataset: {
      run: ({ name }: { name: string }) => ensureDataset(zfs, name),
      undo: null,
      plan: ({ name }: { name: string }, { datasets }: World) => datasets.ensure(name),
    },
    setProperty: {
      run: ({ name, property, value }: SetProperty) =>
        value === null ? zfs.inherit(name, property) : zfs.set(name, { [property]: value }),
      undo: ({ name, property, value, previous }: SetProperty) => [
        'setProperty',
        { name, property, value: previous, previous: value },
      ],
      plan: ({ name, property, value }: SetProperty, { datasets }: World) => datasets.set(name, property, value),
    },
    cloneSnapshot: {
      run: async ({ snapshot, name }: { snapshot: string; name: string }) => {
        await zfs.clone(name, snapshot)
        await mountOrDestroy(zfs, name)
      },
      undo: ({ name }: { name: string }) => ['destroyDataset', { name }],
      plan: ({ snapshot, name }: { snapshot: string; name: string }, { datasets }: World) =>
        datasets.create(name, snapshot),
    },
    destroyDataset: {
      run: async ({ name }: { name: string }) => {
        const { mountpoint } = (await zfs.get(name, ['mountpoint'])).properties
        await zfs.unmount(name, { force: true })
        try {
          await zfs.destroy(name)
        } catch (error) {
          // An effect that throws has done nothing: the dataset is seen again where it was.
          if (!(error instanceof DatasetBusy)) await zfs.mount(name)
          throw error
        }
        // Mounting has made the directory; one that is not empty is somebody else's.
        if (mountpoint.value?.startsWith('/')) await rmdir(mountpoint.value).catch(() => {})
      },
      undo: null,
      plan: ({ name }: { name: string }, { datasets }: World) => datasets.destroy(name),
    },
    createSnapshots: {
      run: ({ names }: { names: readonly string[] }) => zfs.snapshot(names),
      undo: ({ names }: { names: readonly string[] }) => ['destroySnapshots', { names, defer: true }],
      plan: ({ names }: { names: readonly string[] }, { datasets }: World) => datasets.snapshot(names),
    },
    destroySnapshots: {
      run: ({ names, defer }: { names: readonly string[]; defer?: boolean }) => zfs.destroySnaps(names, { defer }),
      undo: null,
      plan: ({ names, defer }: { names: readonly string[]; defer?: boolean }, { datasets }: World) =>
        datasets.destroySnapshots(names, { defer }),
    },
  })
}

async function ensureDataset(zfs: Zfs, name: string): Promise<void> {
  const parts = name.split('/')
  for (let length = 2; length <= parts.length; length++) {
    const each = parts.slice(0, length).join('/')
    if (await zfs.exists(each)) continue
    try {
      await zfs.create(each)
    } catch (error) {
      // Somebody else needed it at the same moment.
      if (!(error instanceof FilesystemExists)) throw error
    }
    await zfs.mount(each)
  }
}

async function mountOrDestroy(zfs: Zfs, name: string): Promise<void> {
  try {
    await zfs.mount(name)
  } catch (error) {
    await zfs.destroy(name)
    throw error
  }
}
