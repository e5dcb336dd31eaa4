import { isIP } from 'node:net'
import { isNone, isRecord, textOf, type ValueType, valueType } from './value-type.ts'

/** What the jail's /etc/resolv.conf is made of. */
export type Resolver =
  | { readonly method: 'copy' /** Absolute path on the host. */; readonly file: string }
  | { readonly method: 'nameservers'; readonly addresses: readonly string[] }
  /** Lines of resolver(5), as iocage has them: `search example.org`, `nameserver 192.0.2.53`. */
  | { readonly method: 'lines'; readonly lines: readonly string[] }
  | { readonly method: 'leave' }

/** `resolver`: a file of the host to copy, nameservers or lines of resolver(5) separated by `;`, or none to leave the jail's own. */
export const resolver: ValueType<Resolver> = valueType<Resolver>({
  name: 'resolver',
  expected: 'the absolute path of a file, nameservers or lines of resolver(5) separated by ;, or none',
  parse: (written) => {
    if (isNone(written) || written === '/dev/null') return Object.freeze({ method: 'leave' })
    if (Array.isArray(written)) return linesOrNameservers(written.map(textOf))
    if (isRecord(written)) return fromParts(written)
    const text = textOf(written)
    if (text.startsWith('/')) {
      if (/\p{Cc}/u.test(text) || text.split('/').includes('..'))
        throw new RangeError('it is not the plain path of a file')
      return Object.freeze({ method: 'copy', file: text })
    }
    return linesOrNameservers(text.split(';'))
  },
  format: (value) => {
    if (value.method === 'copy') return value.file
    if (value.method === 'lines') return value.lines.join(';')
    return value.method === 'leave' ? 'none' : value.addresses.join(';')
  },
})

function fromParts({ method, file, addresses, lines }: Record<string, unknown>): Resolver {
  if (method === 'leave') return Object.freeze({ method })
  if (method === 'copy' && typeof file === 'string' && file.startsWith('/')) return resolver.parse(file)
  if (method === 'lines' && Array.isArray(lines)) return linesOrNameservers(lines.map(textOf))
  if (method === 'nameservers' && Array.isArray(addresses)) return nameservers(addresses.map(textOf))
  throw new RangeError(`expected ${resolver.expected}`)
}

/** The keywords of resolver(5) beside `nameserver`; what follows them is the resolver's to read. */
const DIRECTIVE = /^(?:domain|search|options|sortlist)[ \t]+[\x21-\x3a\x3c-\x7e]+(?:[ \t]+[\x21-\x3a\x3c-\x7e]+)*$/

function linesOrNameservers(items: readonly string[]): Resolver {
  const lines = items.map((item) => item.trim()).filter((item) => item !== '')
  if (!lines.some((item) => DIRECTIVE.test(item))) return nameservers(lines)
  const wrong = lines.find((item) => !DIRECTIVE.test(item) && isIP(/^nameserver\s+(.*)$/.exec(item)?.[1] ?? '') === 0)
  if (wrong !== undefined) throw new RangeError(`${JSON.stringify(wrong.slice(0, 100))} is no line of resolver(5)`)
  return Object.freeze({ method: 'lines', lines: Object.freeze(lines) })
}

function nameservers(items: readonly string[]): Resolver {
  const addresses = items.map((item) => item.trim().replace(/^nameserver\s+/, '')).filter((item) => item !== '')
  const wrong = addresses.find((address) => isIP(address) === 0)
  if (wrong !== undefined || addresses.length === 0) {
    throw new RangeError(`${JSON.stringify((wrong ?? '').slice(0, 100))} is neither an IP address nor an absolute path`)
  }
  return Object.freeze({ method: 'nameservers', addresses: Object.freeze(addresses) })
}
