import { rmdir } from 'node:fs/promises'
import { defineEffects, type Effect, type Scope } from '@gaoler/core'
import type { Zfs } from '../zfs.ts'
import { type Placed, placed } from './survey.ts'

/** What is done to trees of datasets. */
export type TreeEffects = {
  readonly survey: Effect<{ root: string }, Placed[]>
  readonly bookmarks: Effect<{ root: string }, { name: string; createtxg: bigint }[]>
  readonly tags: Effect<{ snapshot: string }, string[]>
  readonly space: Effect<{ first: string; last: string }, bigint | null>
  readonly promote: Effect<{ name: string; origin: string }, void>
  readonly unmount: Effect<{ name: string }, void>
  readonly mount: Effect<{ name: string }, void>
  readonly createSnapshots: Effect<{ names: readonly string[]; props?: Readonly<Record<string, string>> }, void>
  readonly destroySnapshots: Effect<{ names: readonly string[]; defer: boolean }, void>
  readonly destroyBookmarks: Effect<{ names: readonly string[] }, void>
  readonly destroyDataset: Effect<{ name: string; mountpoint: string | null }, void>
  readonly rollback: Effect<{ name: string; snapshot: string }, void>
}

export type TreeScope = Scope<TreeEffects>

export function treeEffects(zfs: Zfs): TreeEffects {
  return defineEffects({
    survey: {
      run: ({ root }: { root: string }, { signal }) =>
        zfs.list({ root, types: ['filesystem', 'volume', 'snapshot'], properties: placed, signal }) as Promise<
          Placed[]
        >,
      undo: null,
      query: true,
    },
    bookmarks: {
      run: async ({ root }: { root: string }) => {
        const found = await zfs.list({ root, depth: 1, types: ['bookmark'], properties: ['createtxg'] })
        return found
          .filter(({ name }) => name.startsWith(`${root}#`))
          .map(({ name, properties }) => ({ name, createtxg: properties.createtxg.value }))
      },
      undo: null,
      query: true,
    },
    tags: {
      run: async ({ snapshot }: { snapshot: string }) => Object.keys(await zfs.getHolds(snapshot)),
      undo: null,
      query: true,
    },
    space: {
      run: async ({ first, last }: { first: string; last: string }) =>
        zfs.isSupported('snaprangeSpace') ? await zfs.snaprangeSpace(first, last) : null,
      undo: null,
      query: true,
    },
    promote: {
      run: ({ name }: { name: string; origin: string }) => zfs.promote(name),
      // What was the origin's filesystem is a clone of this one now.
      undo: ({ name, origin }: { name: string; origin: string }) => ['promote', { name: origin, origin: name }],
    },
    unmount: {
      run: ({ name }: { name: string }) => zfs.unmount(name),
      undo: ({ name }: { name: string }) => ['mount', { name }],
    },
    mount: {
      run: ({ name }: { name: string }) => zfs.mount(name),
      undo: ({ name }: { name: string }) => ['unmount', { name }],
    },
    createSnapshots: {
      run: ({ names, props }: { names: readonly string[]; props?: Readonly<Record<string, string>> }) =>
        zfs.snapshot(names, { props }),
      undo: ({ names }: { names: readonly string[] }) => ['destroySnapshots', { names, defer: true }],
    },
    destroySnapshots: {
      run: ({ names, defer }: { names: readonly string[]; defer: boolean }) => zfs.destroySnaps(names, { defer }),
      undo: null,
    },
    destroyBookmarks: {
      run: ({ names }: { names: readonly string[] }) => zfs.destroyBookmarks(names),
      undo: null,
    },
    destroyDataset: {
      run: async ({ name, mountpoint }: { name: string; mountpoint: string | null }) => {
        await zfs.destroy(name)
        // Mounting has made the directory; one that is not empty is somebody else's.
        if (mountpoint?.startsWith('/')) await rmdir(mountpoint).catch(() => {})
      },
      undo: null,
    },
    rollback: {
      run: ({ name, snapshot }: { name: string; snapshot: string }) => zfs.rollbackTo(name, snapshot),
      undo: null,
    },
  })
}
