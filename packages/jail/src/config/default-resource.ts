import type { IocEvent, OperationOptions } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { type Sync, splitSync } from '../host/sync.ts'
import { DefaultResourceBase } from './default-resource-base.ts'
import type { PropertyInput } from './properties/index.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** The defaults of a host's jails, for scripts: changing them blocks until they are written. */
export class DefaultResource extends DefaultResourceBase {
  /**
   * Sets defaults, or with `undefined` takes them away, and writes them. Properties that jails inherit and that this
   * platform does not honour are told of when a jail starts. Throws UnknownConfigProperty, InvalidJailConfigValue.
   */
  set(properties: PropertyInput, options: Sync<OperationOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this.host, options)
    try {
      return bridge.collect('set', [{ host: this.host.options }, properties, rest], call)
    } finally {
      this.reload()
    }
  }
}
