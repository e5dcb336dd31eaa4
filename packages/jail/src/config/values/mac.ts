import { isRecord, textOf, type ValueType, valueType } from './value-type.ts'

export interface MacPair {
  /** The host's end, as `02:ff:60:00:00:01`. */
  readonly host: string
  readonly jail: string
}

/** `<interface>_mac`: two addresses, separated by a comma (libioc) or a space (iocage); `:` and `-` may be left out. */
export const macPair: ValueType<MacPair> = valueType<MacPair>({
  name: 'MAC pair',
  expected: 'two MAC addresses, of the host and of the jail, separated by a comma',
  parse: (written) => {
    const items = Array.isArray(written)
      ? written.map(textOf)
      : isRecord(written)
        ? [textOf(written.host), textOf(written.jail)]
        : textOf(written).split(/[\s,]+/)
    if (items.length !== 2) throw new RangeError('expected two MAC addresses, of the host and of the jail')
    const [host = '', jail = ''] = items.map(parseMac)
    if (host === jail) throw new RangeError('both ends have the same address')
    return Object.freeze({ host, jail })
  },
  format: ({ host, jail }) => `${host},${jail}`,
  iocage: ({ host, jail }) => `${host} ${jail}`.replaceAll(':', ''),
})

function parseMac(written: string): string {
  const digits = written.toLowerCase().replace(/[:-]/g, '')
  if (!/^[0-9a-f]{12}$/.test(digits)) {
    throw new RangeError(`${JSON.stringify(written.slice(0, 100))} is not a MAC address: it has 12 hexadecimal digits`)
  }
  if (Number.parseInt(digits.slice(0, 2), 16) % 2 === 1) {
    throw new RangeError(`${written} is a multicast address: the first of its bytes must be even`)
  }
  return (digits.match(/../g) as string[]).join(':')
}

/** `mac_prefix`: the first digits of addresses that are made. */
export const macPrefix: ValueType<string> = valueType({
  name: 'MAC prefix',
  expected: 'two to ten hexadecimal digits of which the second is even',
  parse: (written) => {
    const digits = textOf(written).toLowerCase().replace(/[:-]/g, '')
    if (!/^[0-9a-f][02468ace][0-9a-f]{0,8}$/.test(digits)) throw new RangeError(`expected ${macPrefix.expected}`)
    return digits
  },
  format: (value) => value,
})
