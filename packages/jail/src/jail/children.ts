import { type Dataset, DatasetNotFound, type ListOptions, type Zfs } from '@gaoler/zfs'

/** The last components of the names of a dataset's filesystems; none when it does not exist. One query. */
export async function childrenOf(zfs: Zfs, dataset: string): Promise<string[]> {
  return zfs.list(childrenIn(dataset)).then((found) => namesBelow(dataset, found), noneIfMissing)
}

/** As `childrenOf`, and blocks. */
export function childrenOfSync(zfs: Zfs, dataset: string): string[] {
  try {
    return namesBelow(dataset, zfs.listSync(childrenIn(dataset)))
  } catch (error) {
    return noneIfMissing(error)
  }
}

function childrenIn(root: string): ListOptions {
  return { root, depth: 1, types: ['filesystem'] }
}

function namesBelow(dataset: string, found: readonly Dataset[]): string[] {
  return found.filter(({ name }) => name !== dataset).map(({ name }) => name.slice(dataset.length + 1))
}

// A source's own datasets are made when something is put into them.
function noneIfMissing(error: unknown): string[] {
  if (error instanceof DatasetNotFound) return []
  throw error
}
