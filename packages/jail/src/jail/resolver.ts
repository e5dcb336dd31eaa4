import { isIP } from 'node:net'
import { InvalidJailConfigValue } from '../config/errors.ts'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from './jail-base.ts'

/** Writes the jail's resolv.conf as `resolver` says: a copy of a host's file, a list of nameservers, or nothing. */
export async function configureResolver(t: HostScope, jail: JailBase): Promise<void> {
  const setting = jail.config.get('resolver')
  if (setting === null || setting === '/dev/null') return t.skip('left as it is')
  const content = setting.startsWith('/') ? jail.host.files.readText(setting) : nameservers(jail, setting)
  if (content === null) return t.skip(`this host has no ${setting}`)
  const path = `${jail.rootPath}/etc/resolv.conf`
  const previous = jail.host.files.readText(path, jail.rootPath)
  if (previous === content) return t.skip('unchanged')
  await t.host.writeFile({ path, content, previous, below: jail.rootPath })
}

function nameservers(jail: JailBase, setting: string): string {
  const addresses = setting.split(';').map((address) => address.trim())
  const wrong = addresses.find((address) => isIP(address) === 0)
  if (wrong !== undefined) {
    const reason = `${JSON.stringify(wrong)} is neither an IP address nor an absolute path`
    throw new InvalidJailConfigValue({ property: 'resolver', jail: jail.fullName, value: setting, reason })
  }
  return addresses.map((address) => `nameserver ${address}\n`).join('')
}
