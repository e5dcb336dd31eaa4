import { DatasetNotFound, type NamesOptions, type Zfs } from '@gaoler/zfs'
import type { Terms } from '../filter/terms.ts'
import { IocageNotActivated } from '../host/errors.ts'
import type { HostBase } from '../host/host-base.ts'
import { ZFSPoolUnavailable } from '../storage/errors.ts'

/** The datasets of jails or releases in the sources that the filters leave. Throws IocageNotActivated without any source. */
export function foldersOf(
  host: HostBase,
  filters: Terms,
  namespace: 'jails' | 'releases',
): { source: string; dataset: string }[] {
  if (host.datasets.size === 0) throw new IocageNotActivated()
  return [...host.datasets]
    .filter(([source]) => filters.matchSource(source))
    .map(([source, root]) => ({ source, dataset: root[namespace] }))
}

/**
 * The last components of the names of a dataset's filesystems; none when it does not exist yet. One query.
 * Throws ZFSPoolUnavailable when even its pool does not exist.
 */
export async function childrenOf(zfs: Zfs, dataset: string): Promise<string[]> {
  return zfs.names(dataset, CHILDREN).then(
    (found) => namesBelow(dataset, found),
    (error: unknown) => noneIfMissing(zfs, dataset, error),
  )
}

/** As `childrenOf`, and blocks. */
export function childrenOfSync(zfs: Zfs, dataset: string): string[] {
  try {
    return namesBelow(dataset, zfs.namesSync(dataset, CHILDREN))
  } catch (error) {
    return noneIfMissing(zfs, dataset, error)
  }
}

const CHILDREN: NamesOptions = { depth: 1, types: ['filesystem'] }

function namesBelow(dataset: string, found: readonly string[]): string[] {
  return found.filter((name) => name !== dataset).map((name) => name.slice(dataset.length + 1))
}

// A source's own datasets are made when something is put into them.
function noneIfMissing(zfs: Zfs, dataset: string, error: unknown): string[] {
  if (!(error instanceof DatasetNotFound)) throw error
  const pool = dataset.split('/', 1)[0] as string
  if (!zfs.existsSync(pool)) throw new ZFSPoolUnavailable({ pool }, { cause: error })
  return []
}
