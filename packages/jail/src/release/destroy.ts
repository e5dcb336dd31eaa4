import type { Operation, OperationOptions } from '@gaoler/core'
import { destroyTree, surveyTreeOf, type Tree } from '../jail/tree.ts'
import { ReleaseHasDependents, ReleaseNotFetched } from './errors.ts'
import type { ReleaseBase } from './release-base.ts'

/**
 * Destroys a release with its snapshots, and before it the base that basejails of the type zfs are cloned from: a release
 * of that name that is fetched later is another one. What depends on either is looked for before anything is touched, and
 * never destroyed.
 */
export function destroyRelease(release: ReleaseBase, options: OperationOptions = {}): Operation<void> {
  const { fullName, host } = release
  const wanted = (): string[] => [release.baseFolderName, release.datasetName]
  return host.operation(
    'ReleaseDestroy',
    async function* (s) {
      if (!release.exists) throw new ReleaseNotFetched({ release: fullName })
      s.use(release.lock('destruction'))
      const trees = new Map<string, Tree>()
      for (const root of wanted().filter((name) => host.zfs.existsSync(name))) {
        const refusal = (needed: { clones: readonly string[]; holds: readonly string[] }): ReleaseHasDependents =>
          new ReleaseHasDependents({ release: fullName, ...needed })
        trees.set(root, await surveyTreeOf(s, root, refusal))
      }
      for (const [root, tree] of trees) yield* destroyTree(s, tree, root)
    },
    {
      ...options,
      identifier: fullName,
      completion: () => ({ verb: 'destroyTrees', args: { datasets: wanted() } }),
    },
  )
}
