import { isIP, isIPv6, SocketAddress } from 'node:net'
import { isCommaOrSpace, splitList } from './lists.ts'
import { isNone, isRecord, textOf, type ValueType, valueType } from './value-type.ts'

export interface InterfaceAddress {
  readonly interface: string
  /** An IP address, or who gives one: `dhcp`, for IPv6 `accept_rtadv`. */
  readonly address: string
  /** Length of the prefix in bits; null where none was said. */
  readonly prefix: number | null
}

/** IFNAMSIZ of FreeBSD's and Linux's net/if.h is 16 with the NUL; a colon is a separator of ours. */
const INTERFACE = /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/

/** The name of a network interface. Throws RangeError. */
export function checkInterface(name: string): string {
  if (INTERFACE.test(name)) return name
  throw new RangeError(`${JSON.stringify(name.slice(0, 100))} is not the name of a network interface`)
}

/** An address in the one form that compares; a link-local one keeps its interface. */
export function sameAddress(a: string, b: string): boolean {
  return canonical(a) === canonical(b)
}

function canonical(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address.toLowerCase()
  return new SocketAddress({ address, family: 'ipv6' }).address
}

/** `ip4_addr` and `ip6_addr`: `em0|192.0.2.7/24,em1|dhcp`. */
export function addresses(family: 4 | 6): ValueType<readonly InterfaceAddress[]> {
  const example = family === 4 ? 'vnet0|192.0.2.7/24 or vnet0|dhcp' : 'vnet0|2001:db8::7/64 or vnet0|accept_rtadv'
  return valueType<readonly InterfaceAddress[]>({
    name: `IPv${family} addresses`,
    expected: `addresses like ${example}, separated by commas`,
    parse: (written) => {
      if (isNone(written)) return Object.freeze([])
      const items: unknown[] = Array.isArray(written) ? written : splitList(textOf(written), isCommaOrSpace)
      return Object.freeze(
        items.map((item) => Object.freeze(parseOne(family, isRecord(item) ? formatOne(partsOf(item)) : textOf(item)))),
      )
    },
    format: (all) => (all.length === 0 ? 'none' : all.map(formatOne).join(',')),
    equal: (a, b) => a.length === b.length && a.every((each, index) => equalOne(each, b[index] as InterfaceAddress)),
  })
}

function partsOf({ interface: nic, address, prefix = null }: Record<string, unknown>): InterfaceAddress {
  if (prefix !== null && typeof prefix !== 'number') throw new RangeError('the length of a prefix is a number')
  return { interface: textOf(nic), address: textOf(address), prefix }
}

function parseOne(family: 4 | 6, written: string): InterfaceAddress {
  const [name = '', rest, more] = written.split('|')
  if (rest === undefined || more !== undefined) {
    throw new RangeError(
      `${JSON.stringify(written.slice(0, 100))} does not say its interface: write it like ${family === 4 ? 'vnet0|192.0.2.7/24' : 'vnet0|2001:db8::7/64'}`,
    )
  }
  const nic = checkInterface(name)
  const word = rest.toLowerCase()
  if (word === 'dhcp' || (family === 6 && word === 'accept_rtadv'))
    return { interface: nic, address: word, prefix: null }
  const [address = '', length, ...others] = rest.split('/')
  const bits = family === 4 ? 32 : 128
  const prefix = length === undefined ? null : prefixOf(family, length)
  if (isIP(address) !== family || address.includes('%') || others.length > 0 || !(prefix === null || prefix <= bits)) {
    throw new RangeError(
      `${JSON.stringify(rest.slice(0, 100))} is not an IPv${family} address with a prefix of 0 to ${bits}`,
    )
  }
  return { interface: nic, address: address.toLowerCase(), prefix }
}

/** A number of bits; for IPv4 also a netmask, as jail(8) takes it. NaN for what is neither. */
function prefixOf(family: 4 | 6, written: string): number {
  if (/^\d{1,3}$/.test(written)) return Number(written)
  if (family === 6 || isIP(written) !== 4) return Number.NaN
  const bits = written
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : Number.NaN
}

function formatOne({ interface: nic, address, prefix }: InterfaceAddress): string {
  return `${nic}|${address}${prefix === null || prefix === undefined ? '' : `/${prefix}`}`
}

function equalOne(a: InterfaceAddress, b: InterfaceAddress): boolean {
  return a.interface === b.interface && a.prefix === b.prefix && sameAddress(a.address, b.address)
}
