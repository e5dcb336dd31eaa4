import { checkInterface } from './addresses.ts'
import { isCommaOrSpace, listOf, splitList } from './lists.ts'
import { isNone, isRecord, textOf, type ValueType, valueType } from './value-type.ts'

export interface JailInterface {
  readonly interface: string
  /** The bridge of the host that it is a member of; null: of none. */
  readonly bridge: string | null
  /** Only its own addresses may pass (libioc's Secure VNET, written with a second colon). */
  readonly secure: boolean
}

/** `interfaces`: `vnet0:bridge0,vnet1::bridge1`; separated by commas or spaces. */
export const interfaces: ValueType<readonly JailInterface[]> = valueType<readonly JailInterface[]>({
  name: 'interfaces',
  expected: 'interfaces with their bridges like vnet0:bridge0, separated by commas',
  parse: (written) => {
    if (isNone(written)) return Object.freeze([])
    const items: unknown[] = Array.isArray(written) ? written : splitList(textOf(written), isCommaOrSpace)
    const all = items.map((item) => parseOne(isRecord(item) ? formatOne(partsOf(item)) : textOf(item)))
    const names = all.map((each) => each.interface)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw new RangeError(`${twice} is there twice`)
    return Object.freeze(all)
  },
  format: (all) => (all.length === 0 ? 'none' : all.map(formatOne).join(',')),
})

/** Names of interfaces of the host. */
export const interfaceNames: ValueType<readonly string[]> = listOf({
  name: 'interface names',
  expected: 'names of interfaces, separated by commas',
  separator: isCommaOrSpace,
  join: ',',
  check: checkInterface,
})

function partsOf({ interface: nic, bridge, secure = false }: Record<string, unknown>): JailInterface {
  if (typeof secure !== 'boolean') throw new RangeError('secure is true or false')
  return { interface: textOf(nic), bridge: bridge === null ? null : textOf(bridge), secure }
}

function parseOne(written: string): JailInterface {
  const [name = '', ...rest] = written.split(':')
  const secure = rest.length === 2 && rest[0] === ''
  if (rest.length !== 1 && !secure) {
    throw new RangeError(
      `${JSON.stringify(written.slice(0, 100))} does not say its bridge: write it like vnet0:bridge0, or vnet0:none`,
    )
  }
  const bridge = rest.at(-1) as string
  return Object.freeze({
    interface: checkInterface(name),
    bridge: bridge === 'none' ? null : checkInterface(bridge),
    secure,
  })
}

function formatOne({ interface: nic, bridge, secure }: JailInterface): string {
  return `${nic}${secure ? '::' : ':'}${bridge ?? 'none'}`
}
