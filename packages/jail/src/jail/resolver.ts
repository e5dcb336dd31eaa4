import type { Resolver } from '../config/values/resolver.ts'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from './jail-base.ts'

/** Writes the jail's resolv.conf as `resolver` says: a copy of a host's file, lines that it lists, or nothing. */
export async function configureResolver(t: HostScope, jail: JailBase): Promise<void> {
  const setting = jail.config.get('resolver')
  if (setting.method === 'leave') return t.skip('left as it is')
  const content = setting.method === 'copy' ? jail.host.files.readText(setting.file) : textOf(linesOf(setting))
  if (content === null) return t.skip(`this host has no ${jail.config.getstring('resolver')}`)
  const path = `${jail.rootPath}/etc/resolv.conf`
  const previous = jail.host.files.readText(path, jail.rootPath)
  if (previous === content) return t.skip('unchanged')
  await t.host.writeFile({ path, content, previous, below: jail.rootPath })
}

function linesOf(setting: Exclude<Resolver, { method: 'copy' | 'leave' }>): readonly string[] {
  return setting.method === 'lines' ? setting.lines : setting.addresses.map((address) => `nameserver ${address}`)
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
