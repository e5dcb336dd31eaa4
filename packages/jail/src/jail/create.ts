import type { Operation, OperationOptions } from '@gaoler/core'
import { JailConfig } from '../config/config.ts'
import { writeJson } from '../config/json.ts'
import { ReleaseBase } from '../release/release-base.ts'
import type { JailBase } from './jail-base.ts'
import { splitSource } from './locate.ts'

export interface CreateOptions extends OperationOptions {
  /** Properties to set, by their names; values as files have them or as TypeScript has them. */
  readonly properties?: Readonly<Record<string, unknown>>
}

/** Creates a jail: a dataset for its configuration, and below it the root as a clone of the release's newest snapshot. */
export function createFromRelease(
  jail: JailBase,
  from: string | ReleaseBase,
  options: CreateOptions = {},
): Operation<void> {
  jail.asNew()
  return jail.host.operation(
    'JailCreate',
    async function* (s) {
      const release = typeof from === 'string' ? releaseFor(jail, from) : from.on(jail.host)
      const config = new JailConfig(jail.fullName)
      for (const [name, value] of Object.entries({ ...jail.initial, ...options.properties })) config.set(name, value)
      s.use(jail.lock('creation'))
      jail.requireNotExisting()
      const snapshot = release.requireFetched()
      s.set({ release: release.fullName })

      yield* s.step('JailSkeleton', async (t) => {
        if (jail.managed) await t.host.ensureDataset({ name: jail.rootDatasets.jails })
        await t.host.createDataset({ name: jail.datasetName })
        // What is configured may be secret, and is nobody's business but root's.
        await t.host.setMode({ path: jail.path, mode: 0o700 })
      })
      yield* s.step('ZFSSnapshotClone', (t) => t.host.cloneSnapshot({ snapshot, name: jail.rootDatasetName }), {
        identifier: snapshot,
        payload: { target: jail.rootDatasetName },
      })
      config.set('release', release.name)
      if (!config.isSet('hostid')) config.set('hostid', jail.host.platform.hostUuid())
      if (!config.isSet('host_hostuuid')) config.set('host_hostuuid', jail.reload().hostuuid)
      yield* s.step('JailConfigWrite', (t) =>
        t.host.writeFile({ path: jail.configFile, content: writeJson(config), previous: null, mode: 0o600 }),
      )
      jail.reload()
    },
    { ...options, identifier: jail.fullName },
  )
}

/** A bare name is the release of the jail's own source where it has it: only within a pool can it be cloned. */
function releaseFor(jail: JailBase, name: string): ReleaseBase {
  if (splitSource(name).source !== undefined || !jail.managed) return new ReleaseBase(name, { host: jail.host })
  const own = new ReleaseBase(name, { host: jail.host, rootDatasetsName: jail.source })
  return own.fetched ? own : new ReleaseBase(name, { host: jail.host })
}
