import { rmdir } from 'node:fs/promises'
import { defineEffects, type EffectContext } from '@gaoler/core'
import { type Dataset, DatasetBusy, DatasetNotFound, FilesystemExists, type ListOptions, type Zfs } from '@gaoler/zfs'
import type { HostEffect } from '../plan/effect.ts'
import type { World } from '../plan/world.ts'

/** What a dataset or snapshot bears that an effect has made: which effect, so that its inverse knows it again. */
const MARK = 'org.gaoler:mark'

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
  /** `mounted`: false for a filesystem that only holds others (`canmount=off`). */
  readonly cloneSnapshot: HostEffect<CloneSnapshot, void>
  /** A filesystem that is not mounted itself and only holds others, which are mounted below its place. */
  readonly createContainer: HostEffect<{ name: string }, void>
  /** Destroys a clone; undone by cloning again, without what was changed in it. */
  readonly dropClone: HostEffect<CloneSnapshot, void>
  /** As `cloneSnapshot`, and nothing happens when it is there. */
  readonly restoreClone: HostEffect<CloneSnapshot, void>
  /** Unmounts and destroys one filesystem that has neither children nor snapshots. */
  readonly destroyDataset: HostEffect<DestroyDataset, void>
  /** One transaction: all of them or none. */
  readonly createSnapshots: HostEffect<{ names: readonly string[] }, void>
  readonly destroySnapshots: HostEffect<DestroySnapshots, void>
}

export interface DestroyDataset {
  readonly name: string
  /** Only if it bears that. */
  readonly mark?: string
  /** The directory that mounting it has made, null for none; asked for where it is not said. */
  readonly mountpoint?: string | null
}

export interface DestroySnapshots {
  readonly names: readonly string[]
  /** A snapshot that has clones goes with the last of them. */
  readonly defer?: boolean
  /** Only those that bear it. */
  readonly mark?: string
}

export interface CloneSnapshot {
  readonly snapshot: string
  readonly name: string
  readonly mounted?: boolean
}

export interface SetProperty {
  readonly name: string
  readonly property: string
  readonly value: string | null
  readonly previous: string | null
  /** The inverse: what others have set since stays. */
  readonly back?: boolean
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
      run: async ({ name }: { name: string }, { mark }: EffectContext) => {
        await zfs.create(name, { props: { [MARK]: mark } })
        await mountOrDestroy(zfs, name)
      },
      undo: ({ name }: { name: string }, mark: string) => ['destroyDataset', { name, mark }],
      plan: ({ name }: { name: string }, { datasets }: World) => datasets.create(name),
    },
    ensureDataset: {
      run: ({ name }: { name: string }) => ensureDataset(zfs, name),
      undo: null,
      plan: ({ name }: { name: string }, { datasets }: World) => datasets.ensure(name),
    },
    setProperty: {
      run: async ({ name, property, value, previous, back = false }: SetProperty) => {
        if (back && (await localValue(zfs, name, property)) !== previous) return
        await (value === null ? zfs.inherit(name, property) : zfs.set(name, { [property]: value }))
      },
      undo: ({ name, property, value, previous }: SetProperty) => [
        'setProperty',
        { name, property, value: previous, previous: value, back: true },
      ],
      plan: ({ name, property, value }: SetProperty, { datasets }: World) => datasets.set(name, property, value),
    },
    cloneSnapshot: {
      run: (clone: CloneSnapshot, { mark }: EffectContext) => cloneAndMount(zfs, clone, mark),
      undo: ({ name }: CloneSnapshot, mark: string) => ['destroyDataset', { name, mark }],
      plan: ({ snapshot, name }: CloneSnapshot, { datasets }: World) => datasets.create(name, snapshot),
    },
    createContainer: {
      run: ({ name }: { name: string }, { mark }: EffectContext) =>
        zfs.create(name, { props: { ...NOT_MOUNTED, [MARK]: mark } }),
      undo: ({ name }: { name: string }, mark: string) => ['destroyDataset', { name, mark }],
      plan: ({ name }: { name: string }, { datasets }: World) => datasets.create(name),
    },
    dropClone: {
      run: ({ name }: CloneSnapshot) => destroyFilesystem(zfs, name),
      undo: (clone: CloneSnapshot) => ['restoreClone', clone],
      plan: ({ name }: CloneSnapshot, { datasets }: World) => datasets.destroy(name),
    },
    restoreClone: {
      run: async (clone: CloneSnapshot, { mark }: EffectContext) => {
        if (!(await zfs.exists(clone.name))) await cloneAndMount(zfs, clone, mark)
      },
      undo: null,
      plan: ({ snapshot, name }: CloneSnapshot, { datasets }: World) => datasets.create(name, snapshot),
    },
    destroyDataset: {
      run: async ({ name, mark, mountpoint }: DestroyDataset) => {
        if (mark !== undefined && !(await bears(zfs, name, mark))) return
        await destroyFilesystem(zfs, name, mountpoint)
      },
      undo: null,
      plan: ({ name }: DestroyDataset, { datasets }: World) => datasets.destroy(name),
    },
    createSnapshots: {
      run: ({ names }: { names: readonly string[] }, { mark }: EffectContext) =>
        zfs.snapshot(names, { props: { [MARK]: mark } }),
      undo: ({ names }: { names: readonly string[] }, mark: string) => [
        'destroySnapshots',
        { names, defer: true, mark },
      ],
      plan: ({ names }: { names: readonly string[] }, { datasets }: World) => datasets.snapshot(names),
    },
    destroySnapshots: {
      run: async ({ names, defer, mark }: DestroySnapshots) => {
        const wanted: string[] = []
        for (const name of names) if (mark === undefined || (await bears(zfs, name, mark))) wanted.push(name)
        if (wanted.length > 0) await zfs.destroySnaps(wanted, { defer })
      },
      undo: null,
      plan: ({ names, defer }: DestroySnapshots, { datasets }: World) => datasets.destroySnapshots(names, { defer }),
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

/** Whether a dataset or snapshot is there and was made by the effect with that mark. */
async function bears(zfs: Zfs, name: string, mark: string): Promise<boolean> {
  try {
    const found = (await zfs.get(name, [MARK])).properties[MARK]
    // Children inherit it, and they are somebody else's.
    return found?.value === mark && found.source === 'local'
  } catch (error) {
    if (error instanceof DatasetNotFound) return false
    throw error
  }
}

/** What is set on the dataset itself, as text; null when nothing is, or there is no dataset. */
async function localValue(zfs: Zfs, name: string, property: string): Promise<string | null> {
  try {
    const found = (await zfs.get(name, [property])).properties[property]
    return found?.source === 'local' ? String(found.value) : null
  } catch (error) {
    if (error instanceof DatasetNotFound) return null
    throw error
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

/** Native, as libzfs_core takes it: `canmount=off`. */
const NOT_MOUNTED = { canmount: 0n }

async function cloneAndMount(zfs: Zfs, { snapshot, name, mounted = true }: CloneSnapshot, mark: string): Promise<void> {
  await zfs.clone(name, snapshot, { props: { ...(mounted ? {} : NOT_MOUNTED), [MARK]: mark } })
  if (mounted) await mountOrDestroy(zfs, name)
}

async function destroyFilesystem(zfs: Zfs, name: string, known?: string | null): Promise<void> {
  const directory = known === undefined ? directoryOf(await zfs.get(name, PLACE)) : known
  await zfs.unmount(name, { force: true })
  // Mounting has made the directory; one that is not empty is somebody else's. It goes first: as long as there is a
  // dataset, who is interrupted can begin again.
  if (directory !== null) await rmdir(directory).catch(() => {})
  try {
    await zfs.destroy(name)
  } catch (error) {
    // An effect that throws has done nothing: the dataset is seen again where it was.
    if (!(error instanceof DatasetBusy) && directory !== null) await zfs.mount(name)
    throw error
  }
}

/** What `directoryOf` wants to know. */
export const PLACE = ['mountpoint', 'canmount'] as const

/** The directory that mounting a dataset makes; null for what is not mounted by itself. */
export function directoryOf({ properties }: Pick<Dataset, 'properties'>): string | null {
  const { mountpoint, canmount } = properties
  const path = canmount?.value === 'off' ? null : mountpoint?.value
  return typeof path === 'string' && path.startsWith('/') ? path : null
}
