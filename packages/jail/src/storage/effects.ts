import { rmdir } from 'node:fs/promises'
import { defineEffects, type Effect } from '@gaoler/core'
import { type Dataset, DatasetBusy, FilesystemExists, type ListOptions, type Zfs } from '@gaoler/zfs'

/** What jails and releases do with ZFS. */
export type ZfsEffects = {
  readonly listDatasets: Effect<ListOptions, Dataset[]>
  /** Tags of the holds of a snapshot. */
  readonly listHolds: Effect<{ snapshot: string }, string[]>
  /** Creates and mounts a filesystem; its parent must exist. Undone with all that was put into it. */
  readonly createDataset: Effect<{ name: string }, void>
  /** Creates and mounts a filesystem and those above it, as far as they are missing: parts of a source, which stay. */
  readonly ensureDataset: Effect<{ name: string }, void>
  /** Sets a property as `zfs set` does, or with null inherits it; `previous` is what was set here before. */
  readonly setProperty: Effect<SetProperty, void>
  readonly cloneSnapshot: Effect<{ snapshot: string; name: string }, void>
  /** Unmounts and destroys one filesystem that has neither children nor snapshots. */
  readonly destroyDataset: Effect<{ name: string }, void>
  /** One transaction: all of them or none. */
  readonly createSnapshots: Effect<{ names: readonly string[] }, void>
  /** With `defer`, a snapshot that has clones goes with the last of them. */
  readonly destroySnapshots: Effect<{ names: readonly string[]; defer?: boolean }, void>
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
    },
    ensureDataset: {
      run: ({ name }: { name: string }) => ensureDataset(zfs, name),
      undo: null,
    },
    setProperty: {
      run: ({ name, property, value }: SetProperty) =>
        value === null ? zfs.inherit(name, property) : zfs.set(name, { [property]: value }),
      undo: ({ name, property, value, previous }: SetProperty) => [
        'setProperty',
        { name, property, value: previous, previous: value },
      ],
    },
    cloneSnapshot: {
      run: async ({ snapshot, name }: { snapshot: string; name: string }) => {
        await zfs.clone(name, snapshot)
        await mountOrDestroy(zfs, name)
      },
      undo: ({ name }: { name: string }) => ['destroyDataset', { name }],
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
        if (mountpoint?.value.startsWith('/')) await rmdir(mountpoint.value).catch(() => {})
      },
      undo: null,
    },
    createSnapshots: {
      run: ({ names }: { names: readonly string[] }) => zfs.snapshot(names),
      undo: ({ names }: { names: readonly string[] }) => ['destroySnapshots', { names, defer: true }],
    },
    destroySnapshots: {
      run: ({ names, defer }: { names: readonly string[]; defer?: boolean }) => zfs.destroySnaps(names, { defer }),
      undo: null,
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
