import type { Operation, OperationOptions } from '@gaoler/core'
import type { HostScope } from '../host/host-base.ts'
import { baseDirectories, snapshotPath } from '../storage/base-directories.ts'
import { DatasetNotAvailable } from '../storage/errors.ts'
import type { ReleaseBase } from './release-base.ts'

/** Brings the base datasets of a release, which basejails of the type zfs are cloned from, to its newest patch level. */
export function updateBase(release: ReleaseBase, options: OperationOptions = {}): Operation<void> {
  return release.host.operation(
    'ReleaseCopyBase',
    async (s) => {
      s.use(release.lock('update of the base'))
      await copyBase(s, release)
    },
    { ...options, identifier: release.fullName },
  )
}

/**
 * Each system directory of the newest snapshot `pN` has a dataset `SOURCE/base/RELEASE/root/DIRECTORY`, which is made like
 * it and gets a snapshot of the same name: of all directories in one transaction, so that no jail starts between.
 * Throws ReleaseNotFetched, DatasetNotAvailable for a dataset of others without a snapshot to go back to.
 */
export async function copyBase(t: HostScope, release: ReleaseBase): Promise<void> {
  const { host } = release
  // Whatever level was asked for: jails take the snapshot that was made last.
  const from = release.latestSnapshot ?? release.requireFetched()
  const level = from.slice(from.indexOf('@'))
  const source = snapshotPath(host, from)
  const root = release.baseDatasetName
  const directories = baseDirectories(source)
  const stale = directories.filter((name) => !host.zfs.existsSync(`${root}/${name}${level}`))
  if (stale.length === 0) return t.skip('release unchanged')

  await t.host.ensureDataset({ name: release.rootDatasets.base })
  const top = release.baseFolderName
  if (!host.zfs.existsSync(top)) {
    await t.host.createDataset({ name: top })
    // Programs that run as their owner are nobody's business outside of jails.
    await t.host.setMode({ path: host.datasets.path(top), mode: 0o700 })
  }
  for (const [done, name] of stale.entries()) {
    t.progress(done, stale.length, 'directories')
    const dataset = `${root}/${name}`
    const paths = { from: `${source}/${name}`, to: host.datasets.path(dataset) }
    if (host.zfs.existsSync(dataset)) {
      await t.host.renewDirectory({ ...paths, snapshot: newestSnapshot(release, dataset) })
      continue
    }
    for (const each of missing(release, dataset, top)) await t.host.createDataset({ name: each })
    await t.host.fillDirectory(paths)
  }
  await t.host.createSnapshots({ names: stale.map((name) => `${root}/${name}${level}`) })
}

/** What is missing of a dataset and those above it below `top`, outermost first. */
function missing({ host }: ReleaseBase, dataset: string, top: string): string[] {
  const names: string[] = []
  for (let name = dataset; name !== top; name = name.slice(0, name.lastIndexOf('/'))) names.unshift(name)
  return names.filter((name) => !host.zfs.existsSync(name))
}

function newestSnapshot({ host }: ReleaseBase, dataset: string): string {
  const found = host.zfs.listSync({ root: dataset, depth: 1, types: ['snapshot'], properties: ['createtxg'] })
  const [newest] = found.sort((a, b) => Number(b.properties.createtxg?.value) - Number(a.properties.createtxg?.value))
  if (newest) return newest.name
  const reason = `it has no snapshot to go back to: make one, as with zfs snapshot ${dataset}@p0`
  throw new DatasetNotAvailable({ dataset, reason })
}
