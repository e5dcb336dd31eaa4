import { randomInt } from 'node:crypto'
import type { IocError, Step } from '@gaoler/core'
import { type PropertyValue, type Removal, removalOf, type Surveyed, surveyed } from '@gaoler/zfs'
import type { HostScope } from '../host/host-base.ts'
import { directoryOf, PLACE } from '../storage/effects.ts'
import { JailHasDependents } from './errors.ts'

/** A tree of datasets, as it must be known before it is destroyed. */
export interface Tree extends Removal {
  /** The directories that mounting them has made. */
  readonly directories: ReadonlyMap<string, string | null>
}

/** What needs something of a tree: every clone and hold outside. */
export interface Dependents {
  readonly clones: readonly string[]
  readonly holds: readonly string[]
}

/** How the tree of a jail is destroyed. Throws JailHasDependents when something needs one of its snapshots. */
export function surveyTree(s: HostScope, { root, jail }: { root: string; jail: string }): Promise<Tree> {
  return surveyTreeOf(s, root, (needed) => new JailHasDependents({ jail, ...needed }))
}

/** As `surveyTree`, of what is no jail: with an error of its own. */
export async function surveyTreeOf(
  s: HostScope,
  root: string,
  refusal: (needed: Dependents) => IocError,
): Promise<Tree> {
  const found = await s.host.listDatasets({
    root,
    types: ['filesystem', 'volume', 'snapshot'],
    properties: [...surveyed, ...PLACE],
  })
  const removal = removalOf(found as Surveyed[])
  const { clones, held } = removal
  if (clones.length + held.length === 0) {
    return { ...removal, directories: new Map(found.map((dataset) => [dataset.name, directoryOf(dataset)])) }
  }
  const holds: string[] = []
  for (const snapshot of held) {
    for (const tag of await s.host.listHolds({ snapshot })) holds.push(`${snapshot} (${tag})`)
  }
  throw refusal({ clones, holds })
}

/** The names in a value of the property `clones`. */
export function clonesOf(value: PropertyValue | undefined): readonly string[] {
  return Array.isArray(value) ? value : []
}

/** The step that destroys a surveyed tree. */
export function destroyTree(s: HostScope, tree: Tree, root: string): Step<unknown> {
  const { promotions, free, cloned, datasets, directories } = tree
  return s.step(
    'ZFSDatasetDestroy',
    async (t) => {
      for (const { clone: name, origin } of promotions) await t.host.promoteDataset({ name, origin })
      if (free.length > 0) await t.host.destroySnapshots({ names: free })
      if (cloned.length > 0) await t.host.destroySnapshots({ names: cloned, defer: true })
      for (const [done, name] of datasets.entries()) {
        t.progress(done, datasets.length, 'datasets')
        await t.host.destroyDataset({ name, mountpoint: directories.get(name) })
      }
    },
    { identifier: root, payload: { datasets } },
  )
}

/** One moment of several datasets, to clone them from. */
export interface CloneSnapshots {
  readonly tag: string
  /** The step that takes the snapshots: run it first. */
  readonly snapshots: Step<unknown>
  /** The step that marks them to go with their last clone: run it last. */
  readonly release: () => Step<unknown>
}

export function snapshotForClone(s: HostScope, datasets: readonly string[]): CloneSnapshots {
  // Chance tells apart what begins in one millisecond.
  const tag = `clone${new Date().toISOString().replace(/\D/g, '')}${randomInt(1e6).toString().padStart(6, '0')}`
  const names = datasets.map((name) => `${name}@${tag}`)
  const payload = { snapshots: names }
  return {
    tag,
    snapshots: s.step('ZFSSnapshotCreate', (t) => t.host.createSnapshots({ names }), { payload }),
    release: () =>
      s.step('ZFSSnapshotDestroy', (t) => t.host.destroySnapshots({ names, defer: true }), {
        message: 'with its last clone',
        payload,
      }),
  }
}
