import type { JailConfig } from './config.ts'
import { InvalidJailConfigValue } from './errors.ts'
import { type PropertyName, type PropertyValue, properties } from './properties/index.ts'

/** Values of what was not set and follows from something else; undefined: nothing follows, the default holds. */
export const derived: ReadonlyMap<string, (config: JailConfig) => PropertyValue | undefined> = new Map(
  Object.entries({
    cloned_release: (config: JailConfig) => config.get('release'),
    type: (config: JailConfig) =>
      config.get('basejail') ? 'basejail' : config.get('clonejail') ? 'clonejail' : undefined,
    tag: (config: JailConfig) => config.get('tags')[0],
    legacy: (config: JailConfig) => config.format === 'ucl' || config.format === 'zfs',
    enforce_statfs: (config: JailConfig) => (mayMount(config) ? 1 : undefined),
    allow_mount: (config: JailConfig) => (mayMount(config) ? true : undefined),
  }),
)

const mounts = Object.keys(properties).filter((name) => name.startsWith('allow_mount_')) as PropertyName[]

function mayMount(config: JailConfig): boolean {
  return mounts.some((name) => config.get(name) === true)
}

/** What setting a property sets besides or instead. Throws InvalidJailConfigValue. Returns whether that was all. */
export function setDerived(config: JailConfig, property: string, value: unknown): boolean {
  if (property === 'legacy') {
    const reason = 'it says where the configuration comes from'
    throw new InvalidJailConfigValue({ property, jail: config.jail, value, reason })
  }
  if (property === 'tags') config.set('tag', undefined)
  if (property !== 'type' || value === undefined) return false
  if (value !== 'jail' && value !== 'basejail' && value !== 'clonejail') {
    const reason = 'expected jail, basejail or clonejail'
    throw new InvalidJailConfigValue({ property, jail: config.jail, value, reason })
  }
  config.set('type', undefined)
  for (const flag of ['basejail', 'clonejail'] as const) {
    if (config.get(flag) !== (value === flag)) config.set(flag, value === flag)
  }
  return true
}
