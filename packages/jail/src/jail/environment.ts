import { properties, rowOf } from '../config/properties/index.ts'
import { writeValue } from '../config/written.ts'
import type { JailBase } from './jail-base.ts'

const PATH = '/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin'

/**
 * What a hook finds in its environment (libioc's names): every property as `IOC_<NAME>`, the root's path, the jid.
 * The caller's own environment is below it only where `exec_clean` is off.
 */
export function hookEnvironment(jail: JailBase): Record<string, string> {
  const { config } = jail
  const inherited = config.get('exec_clean') ? {} : (process.env as Record<string, string>)
  const known = Object.keys(properties).filter((name) => !rowOf(name)?.foreign)
  const names = new Set([...known, ...config.entries().map(([name]) => name)])
  const own = [...names].map((name) => [
    `IOC_${name.replaceAll('.', '_').toUpperCase()}`,
    writeValue(name, config.get(name)),
  ])
  const { jid } = jail
  return {
    ...inherited,
    ...Object.fromEntries(own),
    IOC_ID: jail.name,
    IOC_JAIL_PATH: jail.rootPath,
    ...(jid === null ? {} : { IOC_JID: String(jid) }),
    PATH,
  }
}
