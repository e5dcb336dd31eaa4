import type { Completion, IocEvent } from '@gaoler/core'
import { MissingFeature } from '../errors.ts'
import type { HostBase, HostScope } from '../host/host-base.ts'
import { JailBase } from '../jail/jail-base.ts'
import { startSteps } from '../jail/start.ts'
import { stopSteps } from '../jail/stop.ts'
import { destroyTree, surveyTree } from '../jail/tree.ts'
import { finishRollback } from '../snapshot/rollback.ts'

type Events = AsyncGenerator<IocEvent, void, void>

/** Options that a completion keeps. The environment is not among them: a journal holds no secrets. */
interface Details {
  readonly snapshot?: string
  /** Hooks that fail are passed over. */
  readonly force?: boolean
}

/** How verbs that cannot be undone are completed: their steps, for whoever holds the jail's lock (`JailBase.completion`). */
const ofJails: Readonly<Record<string, (s: HostScope, jail: JailBase, args: Details) => Events>> = {
  stop: (s, jail, { force }) => stopSteps(s, jail, { force, leftovers: true }),
  async *restart(s, jail, { force }) {
    yield* s.step('JailStop', (t) => stopSteps(t, jail, { force, leftovers: true }))
    yield* s.step('JailStart', (t) => startSteps(t, jail, {}))
  },
  async *destroy(s, jail, { force }) {
    if (jail.running) yield* s.step('JailStop', (t) => stopSteps(t, jail, { force }))
    else yield* s.step('JailRemove', (t) => t.host.removeJail({ name: jail.identifier }))
    yield* destroyDatasets(s, jail.datasetName)
  },
  rollback: (s, jail, { snapshot = '' }) => finishRollback(s, jail, snapshot),
}

/** Completes an operation that died half-way. Nothing happens when what it was about is gone. */
export async function* complete(s: HostScope, host: HostBase, { verb, args }: Completion): Events {
  const { name, dataset, ...others } = args as { name?: string; dataset: string } & Details
  if (verb === 'destroyTrees') {
    for (const root of (args as { datasets: string[] }).datasets) yield* destroyDatasets(s, root)
    return
  }
  if (verb === 'destroyTree') return yield* destroyDatasets(s, dataset)
  const steps = Object.hasOwn(ofJails, verb) ? ofJails[verb] : undefined
  if (!steps) throw new MissingFeature({ feature: `completing ${JSON.stringify(verb)}, which a journal asks for` })
  const jail = new JailBase({ name }, { host, datasetName: dataset })
  if (jail.exists) yield* steps(s, jail, others)
}

async function* destroyDatasets(s: HostScope, root: string): Events {
  const found = await s.host.listDatasets({ types: ['filesystem'] })
  if (!found.some(({ name }) => name === root)) return
  yield* destroyTree(s, await surveyTree(s, { root, jail: root }), root)
}
