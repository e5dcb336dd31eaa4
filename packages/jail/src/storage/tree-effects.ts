import { rmdir } from 'node:fs/promises'
import { defineEffects } from '@gaoler/core'
import { type Dataset, filesystemOf, type Zfs } from '@gaoler/zfs'
import { type HostEffect, unseen } from '../plan/effect.ts'
import type { World } from '../plan/world.ts'

/** What is done to a filesystem together with all that lies below it. */
export type TreeEffects = {
  /** What of the tree was mounted is mounted at its new place; what is in use is refused with DatasetBusy. */
  readonly renameDataset: HostEffect<RenameDataset, void>
  readonly renameSnapshot: HostEffect<RenameDataset, void>
  /** `origin`: the snapshot that the clone was made from; it and all before it become the clone's. */
  readonly promoteDataset: HostEffect<PromoteDataset, void>
  /**
   * Sets each filesystem back to its snapshot, which must be its latest: all of them or none. What is mounted is
   * unmounted meanwhile. What is newer is lost, so there is no inverse.
   */
  readonly rollbackDatasets: HostEffect<{ snapshots: readonly string[] }, void>
}

export interface RenameDataset {
  readonly from: string
  readonly to: string
  /** The inverse: nothing happens where the old name was never given up, or has been given back. */
  readonly back?: boolean
}

export interface PromoteDataset {
  readonly name: string
  readonly origin: string
  /** The inverse: nothing happens where it is no clone of `origin`. */
  readonly back?: boolean
}

export function treeEffects(zfs: Zfs): TreeEffects {
  return defineEffects({
    renameDataset: {
      run: async ({ from, to, back = false }: RenameDataset) => {
        if (back && (await isBack(zfs, to))) return
        await renameTree(zfs, from, to)
      },
      undo: ({ from, to }: RenameDataset) => ['renameDataset', { from: to, to: from, back: true }],
      plan: ({ from, to }: RenameDataset, { datasets }: World) => datasets.rename(from, to),
    },
    renameSnapshot: {
      run: async ({ from, to, back = false }: RenameDataset) => {
        if (back && (await zfs.exists(to))) return
        await zfs.rename(from, to)
      },
      undo: ({ from, to }: RenameDataset) => ['renameSnapshot', { from: to, to: from, back: true }],
      plan: ({ from, to }: RenameDataset, { datasets }: World) => datasets.rename(from, to),
    },
    promoteDataset: {
      run: async ({ name, origin, back = false }: PromoteDataset) => {
        if (back && (await zfs.get(name, ['origin'])).properties.origin.value !== origin) return
        await zfs.promote(name)
      },
      // What was the origin's filesystem is now a clone of the same snapshot, which has become this one's.
      undo: ({ name, origin }: PromoteDataset) => {
        const former = filesystemOf(origin)
        return ['promoteDataset', { name: former, origin: name + origin.slice(former.length), back: true }]
      },
      plan: ({ name }: PromoteDataset, { datasets }: World) => datasets.promote(name),
    },
    rollbackDatasets: {
      run: ({ snapshots }: { snapshots: readonly string[] }) => rollBack(zfs, snapshots),
      undo: null,
      plan: unseen,
    },
  })
}

/** Whether a tree has its old name `to` again, or still; who was interrupted may have left it unmounted. */
async function isBack(zfs: Zfs, to: string): Promise<boolean> {
  if (!(await zfs.exists(to))) return false
  const found = await zfs.list({ root: to, types: ['filesystem'], properties: ['canmount', 'mountpoint'] })
  const wanted = found.filter(
    ({ properties: { canmount, mountpoint } }) => canmount?.value === 'on' && String(mountpoint?.value).startsWith('/'),
  )
  for (const { name } of wanted.sort((a, b) => (a.name < b.name ? -1 : 1))) await zfs.mount(name)
  return true
}

async function renameTree(zfs: Zfs, from: string, to: string): Promise<void> {
  const mounted = await mountedIn(zfs, from)
  const moved = mounted.map(({ name }) => to + name.slice(from.length))
  try {
    await unmountAll(zfs, mounted)
    await zfs.rename(from, to)
  } catch (error) {
    // An effect that throws has done nothing: all is mounted again where it was.
    for (const { name } of mounted) await zfs.mount(name)
    throw error
  }
  try {
    for (const name of moved) await zfs.mount(name)
  } catch (error) {
    for (const name of moved.toReversed()) await zfs.unmount(name)
    await zfs.rename(to, from)
    for (const { name } of mounted) await zfs.mount(name)
    throw error
  }
  await removeMountpoint(mounted[0], from)
}

/** The filesystems of a tree that are mounted, parents first. */
async function mountedIn(zfs: Zfs, root: string): Promise<Dataset[]> {
  const found = await zfs.list({ root, types: ['filesystem'], properties: ['mounted', 'mountpoint'] })
  return found.filter(({ properties }) => properties.mounted?.value === true).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function unmountAll(zfs: Zfs, mounted: readonly Dataset[]): Promise<void> {
  for (const { name } of mounted.toReversed()) await zfs.unmount(name)
}

/** Mounting has made the directory; one that is not empty is somebody else's. */
async function removeMountpoint(dataset: Dataset | undefined, name: string): Promise<void> {
  const path = dataset?.name === name ? dataset.properties.mountpoint?.value : undefined
  if (typeof path === 'string' && path.startsWith('/')) await rmdir(path).catch(() => {})
}

async function rollBack(zfs: Zfs, snapshots: readonly string[]): Promise<void> {
  const names = snapshots.map(filesystemOf)
  const states = await Promise.all(names.map((name) => zfs.get(name, ['mounted'])))
  const mounted = states
    .filter(({ properties }) => properties.mounted?.value === true)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  try {
    await unmountAll(zfs, mounted)
    if (zfs.kind === 'openzfs') {
      await zfs.channelProgram((names[0] as string).split('/', 1)[0] as string, ROLLBACK, { params: [...snapshots] })
    } else {
      for (const snapshot of snapshots) await zfs.rollbackTo(filesystemOf(snapshot), snapshot)
    }
  } finally {
    for (const { name } of mounted) await zfs.mount(name)
  }
}

/**
 * One transaction. `zfs.sync.rollback` takes the latest snapshot whatever it is, and refuses what is mounted: so that
 * is looked at first, of all of them. See zfs-program(8).
 */
const ROLLBACK = `
local snapshots = (...)["argv"]
for _, snapshot in ipairs(snapshots) do
  local name = string.sub(snapshot, 1, string.find(snapshot, "@", 1, true) - 1)
  local made = zfs.get_prop(snapshot, "createtxg")
  for other in zfs.list.snapshots(name) do
    if zfs.get_prop(other, "createtxg") > made then error(other .. " is later than " .. snapshot) end
  end
  local code = zfs.check.rollback(name)
  if code ~= 0 then error(name .. " cannot be rolled back, error " .. code) end
end
for _, snapshot in ipairs(snapshots) do
  local name = string.sub(snapshot, 1, string.find(snapshot, "@", 1, true) - 1)
  local code = zfs.sync.rollback(name)
  if code ~= 0 then error(name .. " was not rolled back, error " .. code) end
end
`
