import { type Dataset, FilesystemExists, filesystemOf } from '@gaoler/zfs'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import { baseRelease, SYSTEM } from './base-directories.ts'
import { DatasetNotAvailable } from './errors.ts'
import { cloneRoot } from './standalone.ts'
import type { JailStorage } from './storage.ts'

/**
 * The jail's system directories are clones of `SOURCE/base/RELEASE/root/DIRECTORY`, each of its dataset's newest snapshot
 * (libioc's legacy kind). Where that has changed since the last start, the clone is replaced: what the jail has written
 * there is lost.
 */
export const zfsBasejail: JailStorage = {
  name: 'zfs-basejail',
  setup: cloneRoot,
  apply: (s, jail) =>
    s.step('BasejailStorageConfig', async (t) => {
      const bases = await newestSnapshots(t, jail)
      const own = await t.host.listDatasets({
        root: jail.rootDatasetName,
        types: ['filesystem', 'snapshot'],
        properties: ['origin'],
      })
      for (const [directory, snapshot] of bases) await putInPlace(t, jail, { own, directory, snapshot })
      return []
    }),
  teardown: () => null,
}

/** The newest snapshot of each base dataset, by its directory. Throws DatasetNotAvailable. */
async function newestSnapshots(t: HostScope, jail: JailBase): Promise<Map<string, string>> {
  const release = baseRelease(jail)
  const root = release.baseDatasetName
  const fail = (dataset: string, reason: string): DatasetNotAvailable => new DatasetNotAvailable({ dataset, reason })
  if (!jail.host.zfs.existsSync(root)) {
    throw fail(
      root,
      `jail ${jail.fullName} is a basejail of the type zfs and has its system from there: make it with release.updateBase()`,
    )
  }
  const found = await t.host.listDatasets({ root, types: ['filesystem', 'snapshot'], properties: ['createtxg'] })
  const has = new Set(found.map(({ name }) => name))
  const directories = SYSTEM.filter((directory) => has.has(`${root}/${directory}`))
  if (directories.length === 0) throw fail(root, 'it has none of the system directories as datasets')
  return new Map(
    directories.map((directory) => {
      const dataset = `${root}/${directory}`
      const newest = found
        .filter(({ name, type }) => type === 'snapshot' && filesystemOf(name) === dataset)
        .sort((a, b) => Number(b.properties.createtxg?.value) - Number(a.properties.createtxg?.value))[0]
      if (!newest) throw fail(dataset, `it has no snapshot to clone: make one, as with zfs snapshot ${dataset}@p0`)
      return [directory, newest.name]
    }),
  )
}

interface Place {
  /** What is in the jail's root now. */
  readonly own: readonly Dataset[]
  readonly directory: string
  readonly snapshot: string
}

async function putInPlace(t: HostScope, jail: JailBase, { own, directory, snapshot }: Place): Promise<void> {
  const name = `${jail.rootDatasetName}/${directory}`
  const there = own.find((dataset) => dataset.name === name)
  const origin = there?.properties.origin?.value
  if (origin === snapshot) return
  if (there) {
    // Only what was cloned from the base is the base's to replace.
    if (typeof origin !== 'string' || filesystemOf(origin) !== filesystemOf(snapshot)) {
      throw new FilesystemExists({ name, asked: `put the base of jail ${jail.fullName} there` })
    }
    const kept = own.filter((dataset) => dataset.name.startsWith(`${name}@`)).map((dataset) => dataset.name)
    if (kept.length > 0) {
      const reason = `the base is newer, and it cannot be replaced while it has the snapshots ${kept.join(', ')}`
      throw new DatasetNotAvailable({ dataset: name, reason })
    }
    await t.host.dropClone({ snapshot: origin, name })
  } else if (directory.includes('/')) await makeContainer(t, jail, name.slice(0, name.lastIndexOf('/')))
  await t.host.cloneSnapshot({ snapshot, name })
}

/** The directory itself, /usr, is the jail's own: its dataset only holds others. */
async function makeContainer(t: HostScope, jail: JailBase, name: string): Promise<void> {
  if (!jail.host.zfs.existsSync(name)) await t.host.createContainer({ name })
}
