import type { ConfigFormat, JailConfig } from '../config.ts'
import { type PropertyValue, rowOf } from '../properties/index.ts'
import type { RawValue } from '../raw.ts'
import { writeValue } from '../written.ts'

/** What a configuration is written as: what was read and not changed as it was, the rest in the words of who wrote the file. */
export function encode(config: JailConfig, format: ConfigFormat): Map<string, RawValue> {
  if (format !== 'json') return config.save(legacyValue)
  if (config.isSet('CONFIG_VERSION')) return config.save(iocageValue)
  // libioc writes the name and reads it from the dataset.
  const raw = config.save(libiocValue)
  return config.ofHost ? raw : raw.set('id', config.jail)
}

/** Every scalar is text; a user's own value keeps its type. */
function libiocValue(name: string, value: PropertyValue): RawValue {
  return rowOf(name) ? writeValue(name, value) : (value as RawValue)
}

/** iocage has 0 and 1 as numbers, and everything else as text. */
function iocageValue(name: string, value: PropertyValue): RawValue {
  const type = rowOf(name)?.type
  return type?.iocage ? type.iocage(value) : libiocValue(name, value)
}

/** UCL and ZFS properties: `on`, `off`, `none`. */
function legacyValue(name: string, value: PropertyValue): RawValue {
  const written = libiocValue(name, value)
  if (typeof value === 'boolean' && (written === 'yes' || written === 'no')) return value ? 'on' : 'off'
  return written
}
