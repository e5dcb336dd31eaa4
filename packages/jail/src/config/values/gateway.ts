import { isIP } from 'node:net'
import { checkInterface, sameAddress } from './addresses.ts'
import { isNone, isRecord, textOf, type ValueType, valueType } from './value-type.ts'

export interface Gateway {
  /** An IP address, or `auto`: iocage's word for the host's own. */
  readonly address: string
  /** The interface that it is reached through; a link-local address has no meaning without. */
  readonly interface: string | null
}

/** `defaultrouter` and `defaultrouter6`: `192.0.2.1`, `192.0.2.1@vnet0`, `fe80::1@vnet0`. */
export function gateway(family: 4 | 6): ValueType<Gateway | null> {
  return valueType<Gateway | null>({
    name: `IPv${family} gateway`,
    expected: `an IPv${family} address, @ and its interface after it where that is needed, or none`,
    parse: (written) => {
      if (isNone(written)) return null
      const from = isRecord(written) ? format(partsOf(written)) : textOf(written)
      return Object.freeze(parseOne(family, from))
    },
    format: (value) => (value === null ? 'none' : format(value)),
    equal: (a, b) =>
      a === null || b === null ? a === b : a.interface === b.interface && sameAddress(a.address, b.address),
  })
}

function partsOf({ address, interface: nic = null }: Record<string, unknown>): Gateway {
  return { address: textOf(address), interface: nic === null ? null : textOf(nic) }
}

function parseOne(family: 4 | 6, written: string): Gateway {
  if (written.toLowerCase() === 'auto') return { address: 'auto', interface: null }
  // `fe80::1%vnet0` is how route(8) and ip(8) write the same.
  const [address = '', nic, more] = written.split(/[@%]/, 3)
  if (isIP(address) !== family || more !== undefined) {
    throw new RangeError(
      `${JSON.stringify(written.slice(0, 100))} is not an IPv${family} address, or address@interface`,
    )
  }
  if (nic === undefined && /^fe[89ab]/i.test(address)) {
    throw new RangeError(`${address} is link-local and says nothing without its interface: write ${address}@vnet0`)
  }
  return { address: address.toLowerCase(), interface: nic === undefined ? null : checkInterface(nic) }
}

function format({ address, interface: nic }: Gateway): string {
  return nic === null || nic === undefined ? address : `${address}@${nic}`
}
