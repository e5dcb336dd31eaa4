import type { Operation, OperationOptions } from '@gaoler/core'
import { destroyTree, surveyTreeOf } from '../jail/tree.ts'
import { ReleaseHasDependents, ReleaseNotFetched } from './errors.ts'
import type { ReleaseBase } from './release-base.ts'

/** Destroys a release with its snapshots. What depends on it is looked for before anything is touched, and never destroyed. */
export function destroyRelease(release: ReleaseBase, options: OperationOptions = {}): Operation<void> {
  const { fullName, datasetName: dataset } = release
  return release.host.operation(
    'ReleaseDestroy',
    async function* (s) {
      if (!release.exists) throw new ReleaseNotFetched({ release: fullName })
      s.use(release.lock('destruction'))
      const tree = await surveyTreeOf(
        s,
        dataset,
        (needed) => new ReleaseHasDependents({ release: fullName, ...needed }),
      )
      yield* destroyTree(s, tree, dataset)
    },
    { ...options, identifier: fullName, completion: () => ({ verb: 'destroyTree', args: { dataset } }) },
  )
}
