import type { Operation, OperationOptions } from '@gaoler/core'
import type { ConfigFormat } from '../config/config.ts'
import { requireSettable } from '../config/honoured.ts'
import type { JailBase } from './jail-base.ts'

export interface SaveOptions extends OperationOptions {
  /** Write the whole configuration in this format, and take it away from where it was. */
  readonly configType?: ConfigFormat
}

/** Writes what was set in `jail.config` since it was read; what others have written meanwhile stays. */
export function save(jail: JailBase, options: SaveOptions = {}): Operation<void> {
  return setProperties(jail, jail.changes, options)
}

/** Sets properties, with `undefined` back to their defaults, and writes them: all or none. */
export function setProperties(
  jail: JailBase,
  properties: Readonly<Record<string, unknown>>,
  options: SaveOptions = {},
): Operation<void> {
  return jail.host.operation(
    'JailConfigWrite',
    async (s) => {
      s.use(jail.lock('change of the configuration'))
      jail.requireJailExisting()
      const { config, store } = jail.readConfig()
      requireSettable(config, config.setAll(properties), jail.host.platform)
      s.set({ path: store.place })
      const unsaved = jail.changes
      const format = options.configType
      if (format === undefined || format === store.format) await store.write(s, config)
      else s.set({ path: (await jail.convertConfig(s, config, format)).place })
      s.onUndone(() => jail.restore(unsaved))
      jail.refresh(Object.keys(properties))
    },
    { ...options, identifier: jail.fullName },
  )
}
