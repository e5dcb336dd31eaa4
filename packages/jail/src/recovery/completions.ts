import type { Completion, IocEvent } from '@gaoler/core'
import { MissingFeature } from '../errors.ts'
import type { HostBase, HostScope } from '../host/host-base.ts'
import { JailBase } from '../jail/jail-base.ts'
import { startSteps } from '../jail/start.ts'
import { stopSteps } from '../jail/stop.ts'
import { destroyTree, surveyTree } from '../jail/tree.ts'
import { finishRollback } from '../snapshot/rollback.ts'
import type { HookRecord } from './hooks.ts'
import { openSealed } from './seal.ts'

type Events = AsyncGenerator<IocEvent, void, void>

/** Options that a completion keeps. */
interface Details {
  readonly snapshot?: string
  /** Hooks that fail are passed over. */
  readonly force?: boolean
  /** The environment of the hooks, sealed. */
  readonly env?: string
}

/** What a verb is completed with. */
interface Completing extends Pick<Details, 'snapshot' | 'force'> {
  readonly env?: Readonly<Record<string, string>>
  readonly recorded: HookRecord
}

/** How verbs that cannot be undone are completed: their steps, for whoever holds the jail's lock (`JailBase.completion`). */
const ofJails: Readonly<Record<string, (s: HostScope, jail: JailBase, args: Completing) => Events>> = {
  stop: (s, jail, args) => stopSteps(s, jail, { ...args, leftovers: true }),
  async *restart(s, jail, args) {
    yield* s.step('JailStop', (t) => stopSteps(t, jail, { ...args, leftovers: true }))
    yield* s.step('JailStart', (t) => startSteps(t, jail, args))
  },
  async *destroy(s, jail, args) {
    if (jail.running) yield* s.step('JailStop', (t) => stopSteps(t, jail, args))
    else yield* s.step('JailRemove', (t) => t.host.removeJail({ name: jail.identifier }))
    yield* destroyDatasets(s, jail.datasetName)
  },
  rollback: (s, jail, { snapshot = '', recorded }) => finishRollback(s, jail, snapshot, recorded),
}

/** Completes an operation that died half-way. Nothing happens when what it was about is gone. */
export async function* complete(
  s: HostScope,
  host: HostBase,
  { verb, args }: Completion,
  recorded: HookRecord,
): Events {
  const { name, dataset, env: sealed, ...others } = args as { name?: string; dataset: string } & Details
  if (verb === 'destroyTrees') {
    for (const root of (args as { datasets: string[] }).datasets) yield* destroyDatasets(s, root)
    return
  }
  if (verb === 'destroyTree') return yield* destroyDatasets(s, dataset)
  const steps = Object.hasOwn(ofJails, verb) ? ofJails[verb] : undefined
  if (!steps) throw new MissingFeature({ feature: `completing ${JSON.stringify(verb)}, which a journal asks for` })
  const jail = new JailBase({ name }, { host, datasetName: dataset })
  if (!jail.exists) return
  const env = sealed === undefined ? undefined : openSealed(host.sealFile, sealed)
  if (env === null) {
    await s.log('warn', `hooks of jail ${jail.fullName} run without the environment that ${verb} was given: it is lost`)
  }
  yield* steps(s, jail, { ...others, env: env ?? undefined, recorded })
}

async function* destroyDatasets(s: HostScope, root: string): Events {
  const found = await s.host.listDatasets({ types: ['filesystem'] })
  if (!found.some(({ name }) => name === root)) return
  yield* destroyTree(s, await surveyTree(s, { root, jail: root }), root)
}
