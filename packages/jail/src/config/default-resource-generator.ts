import type { Operation, OperationOptions } from '@gaoler/core'
import { DefaultResourceBase } from './default-resource-base.ts'
import type { PropertyInput } from './properties/index.ts'
import { readConfig } from './store.ts'

/** The defaults of a host's jails; changing them is an operation. */
export class DefaultResourceGenerator extends DefaultResourceBase {
  /**
   * Sets defaults, or with `undefined` takes them away, and writes them. Properties that jails inherit and that this
   * platform does not honour are told of when a jail starts. Throws UnknownConfigProperty, InvalidJailConfigValue.
   */
  set(properties: PropertyInput, options: OperationOptions = {}): Operation<void> {
    const on = options.plan ? new DefaultResourceGenerator(this.host.planned()) : this
    return on.host.operation(
      'JailConfigWrite',
      async (s) => {
        s.use(on.host.lock(on.place.dataset, 'change of the defaults'))
        const { config, store } = readConfig(on.place, { jail: null })
        config.setAll(properties)
        s.set({ path: store.place })
        await store.write(s, config)
        on.reload()
        on.host.defaults.reload()
      },
      { ...options, identifier: 'defaults' },
    )
  }
}
