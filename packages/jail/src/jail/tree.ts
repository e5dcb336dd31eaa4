import type { IocError, Step } from '@gaoler/core'
import type { PropertyValue } from '@gaoler/zfs'
import type { HostScope } from '../host/host-base.ts'
import { directoryOf, PLACE } from '../storage/effects.ts'
import { JailHasDependents } from './errors.ts'

/** A tree of datasets, as it must be known before something is done to all of it. */
export interface Tree {
  /** Filesystems and volumes, the deepest first. */
  readonly datasets: readonly string[]
  /** The directories that mounting them has made. */
  readonly directories: ReadonlyMap<string, string | null>
  readonly snapshots: readonly string[]
}

/** What needs something of a tree: every clone and hold outside. */
export interface Dependents {
  readonly clones: readonly string[]
  readonly holds: readonly string[]
}

/** The datasets of a tree and their snapshots. Throws JailHasDependents when something needs one of them. */
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
    properties: ['clones', 'userrefs', ...PLACE],
  })
  const clones: string[] = []
  const holds: string[] = []
  const snapshots = found.filter(({ type }) => type === 'snapshot')
  for (const { name, properties } of snapshots) {
    clones.push(...clonesOf(properties.clones?.value))
    if (Number(properties.userrefs?.value) > 0) {
      for (const tag of await s.host.listHolds({ snapshot: name })) holds.push(`${name} (${tag})`)
    }
  }
  if (clones.length + holds.length > 0) throw refusal({ clones, holds })
  const directories = new Map(
    found.filter(({ type }) => type !== 'snapshot').map((dataset) => [dataset.name, directoryOf(dataset)]),
  )
  const datasets = [...directories.keys()].sort().reverse()
  return { datasets, directories, snapshots: snapshots.map(({ name }) => name) }
}

/** The names in a value of the property `clones`. */
export function clonesOf(value: PropertyValue | undefined): readonly string[] {
  return Array.isArray(value) ? value : []
}

/** The step that destroys a surveyed tree. */
export function destroyTree(s: HostScope, { datasets, directories, snapshots }: Tree, root: string): Step<unknown> {
  return s.step(
    'ZFSDatasetDestroy',
    async (t) => {
      if (snapshots.length > 0) await t.host.destroySnapshots({ names: snapshots })
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
  const tag = `clone${new Date().toISOString().replace(/\D/g, '')}`
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
