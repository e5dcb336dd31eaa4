import type { Operation, OperationOptions } from '@gaoler/core'
import type { JailBase } from './jail-base.ts'
import { clearEnded, stopSteps } from './stop.ts'
import { destroyTree, surveyTree } from './tree.ts'

export interface DestroyOptions extends OperationOptions {
  /** Stop the jail first if it runs; without it, a running jail is refused. */
  readonly forceStop?: boolean
  /** As `forceStop`, and hooks that fail while it is stopped are passed over. */
  readonly force?: boolean
}

/** Destroys a jail with its datasets and their snapshots. What depends on them is looked for before anything is touched. */
export function destroy(jail: JailBase, options: DestroyOptions = {}): Operation<void> {
  const { force = false, forceStop = force } = options
  return jail.host.operation(
    'JailDestroy',
    async function* (s) {
      s.use(jail.lock('destruction'))
      jail.requireJailExisting()
      if (!forceStop) jail.requireJailStopped()
      const tree = await surveyTree(s, { root: jail.datasetName, jail: jail.fullName })
      if (jail.running) yield* s.step('JailStop', (t) => stopSteps(t, jail, { force }))
      yield* clearEnded(s, jail)
      yield* destroyTree(s, tree, jail.datasetName)
      jail.reload()
    },
    { ...options, identifier: jail.fullName, completion: () => jail.completion('destroy', { force }) },
  )
}
