import type { IocEvent, Operation, OperationOptions } from '@gaoler/core'
import type { PropertyInput } from '../config/properties/index.ts'
import type { HostScope } from '../host/host-base.ts'
import { ReleaseBase } from '../release/release-base.ts'
import { type InitialConfig, initialConfig, writeConfig } from './initial-config.ts'
import { JailBase } from './jail-base.ts'
import { splitSource } from './locate.ts'
import { snapshotForClone } from './tree.ts'

export interface CreateOptions extends OperationOptions {
  readonly properties?: PropertyInput
}

/** What a jail can be made from: a release or its name, a template, or nothing. */
export type CreateSource = string | ReleaseBase | JailBase

export function create(jail: JailBase, from?: CreateSource, options: CreateOptions = {}): Operation<void> {
  if (from === undefined) return createFromScratch(jail, options)
  return from instanceof JailBase ? createFromTemplate(jail, from, options) : createFromRelease(jail, from, options)
}

/** Creates a jail: a dataset for its configuration, and below it the root as a clone of the release's newest snapshot. */
export function createFromRelease(
  jail: JailBase,
  from: string | ReleaseBase,
  options: CreateOptions = {},
): Operation<void> {
  return begin(jail, options, async function* (s) {
    const release = typeof from === 'string' ? releaseFor(jail, from) : from.on(jail.host)
    const config = initialConfig(jail, options.properties, { release: release.name })
    s.use(jail.lock('creation'))
    jail.requireJailNotExisting()
    const snapshot = release.requireFetched()
    s.set({ release: release.fullName })
    yield* make(s, jail, config, snapshot)
  })
}

/** Creates a jail as a clone of a template's root, with the template's configuration where none is given. */
export function createFromTemplate(jail: JailBase, from: JailBase, options: CreateOptions = {}): Operation<void> {
  return begin(jail, options, async function* (s) {
    const template = from.on(jail.host)
    if (template.datasetName === jail.datasetName) jail.requireJailNotExisting()
    s.use(jail.lock('creation'))
    s.use(template.lock('cloning', { shared: true }))
    template.requireJailExisting()
    template.requireJailIsTemplate()
    template.requireStorageBackend()
    const config = initialConfig(jail, options.properties, {}, template)
    jail.requireJailNotExisting()
    s.set({ template: template.fullName, release: template.release ?? undefined })
    const { snapshots, tag, release } = snapshotForClone(s, [template.rootDatasetName])
    yield* snapshots
    yield* make(s, jail, config, `${template.rootDatasetName}@${tag}`)
    yield* release()
  })
}

/** Creates a jail with an empty root, for whoever fills it. */
export function createFromScratch(jail: JailBase, options: CreateOptions = {}): Operation<void> {
  return begin(jail, options, async function* (s) {
    const config = initialConfig(jail, options.properties, {})
    s.use(jail.lock('creation'))
    jail.requireJailNotExisting()
    yield* make(s, jail, config, null)
  })
}

function begin(
  jail: JailBase,
  options: CreateOptions,
  body: (s: HostScope) => AsyncGenerator<IocEvent, void, void>,
): Operation<void> {
  jail.asNew()
  return jail.host.operation('JailCreate', body, { ...options, identifier: jail.fullName })
}

async function* make(
  s: HostScope,
  jail: JailBase,
  config: InitialConfig,
  snapshot: string | null,
): AsyncGenerator<IocEvent, void, void> {
  yield* s.step('JailSkeleton', async (t) => {
    t.set({ dataset: jail.datasetName })
    if (jail.managed) await t.host.ensureDataset({ name: jail.rootDatasets.jails })
    await t.host.createDataset({ name: jail.datasetName })
    // What is configured may be secret, and is nobody's business but root's.
    await t.host.setMode({ path: jail.path, mode: 0o700 })
  })
  yield* config.storage.setup(s, jail, snapshot)
  yield* writeConfig(s, jail, config.config, { fresh: true })
  jail.reload()
}

/** A bare name is the release of the jail's own source where it has it: only within a pool can it be cloned. */
function releaseFor(jail: JailBase, name: string): ReleaseBase {
  if (splitSource(name).source !== undefined || !jail.managed) return new ReleaseBase(name, { host: jail.host })
  const own = new ReleaseBase(name, { host: jail.host, rootDatasetsName: jail.source })
  return own.exists ? own : new ReleaseBase(name, { host: jail.host })
}
