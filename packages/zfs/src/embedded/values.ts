import { isAbsolute } from 'node:path'
import { PropertyInvalid } from '../errors.ts'
import type { NvInput } from '../zfs.ts'
import { canonical, isUserProperty, type PropertyRule, READ_ONLY, SETTABLE } from './property-table.ts'
import type { DatasetRecord, Values } from './state.ts'

const MAX_VALUE_LENGTH = 8191
const UNITS = 'BKMGTPEZ'

/** The dataset that values are for. */
type Target = Pick<DatasetRecord, 'name' | 'type'>

/** Values as an lzc call takes them (a bigint for numbers and index properties), checked. Throws PropertyInvalid. */
export function fromNative(target: Target, props: NvInput | undefined, asked: string): Values {
  const entries = props instanceof Map ? [...props] : Object.entries(props ?? {})
  const values: Record<string, string> = {}
  for (const [property, given] of entries as [string, unknown][]) {
    const refuse = refusal(target, property, asked)
    // The codec of nvlists takes a whole number for a 64-bit one too.
    const value = Number.isSafeInteger(given) ? BigInt(given as number) : given
    if (isUserProperty(property)) {
      if (typeof value !== 'string') throw refuse('a user property is a string')
      values[property] = checkLength(value, refuse)
      continue
    }
    const rule = ruleFor(target, property, refuse)
    if (rule.kind === 'string' ? typeof value !== 'string' : typeof value !== 'bigint') {
      throw refuse(`it takes a ${rule.kind === 'string' ? 'string' : 'bigint'}, not ${JSON.stringify(String(value))}`)
    }
    values[canonical(property)] =
      typeof value === 'bigint' ? word(rule, value, refuse) : checkString(property, value as string, refuse)
  }
  return values
}

/** Values as `zfs set` takes them (`on`, `lz4`, `10G`), checked. Throws PropertyInvalid. */
export function fromText(target: Target, texts: Readonly<Record<string, string>>, asked: string): Values {
  const values: Record<string, string> = {}
  for (const [property, text] of Object.entries(texts)) {
    const refuse = refusal(target, property, asked)
    if (typeof text !== 'string') throw refuse('its value is not a string')
    if (isUserProperty(property)) {
      values[property] = checkLength(text, refuse)
      continue
    }
    const rule = ruleFor(target, property, refuse)
    if (rule.once) throw refuse('it can only be given when the dataset is created')
    if (rule.kind === 'string') values[canonical(property)] = checkString(property, text, refuse)
    else if (rule.kind === 'number') values[canonical(property)] = parseSize(text, refuse)
    else if (rule.words && Object.hasOwn(rule.words, text)) values[canonical(property)] = text
    else throw refuse(`it is one of ${Object.keys(rule.words ?? {}).join(', ')}`)
  }
  return values
}

/** Checks that a property may be inherited. Throws PropertyInvalid. */
export function checkInheritable(target: Target, property: string, asked: string): void {
  if (isUserProperty(property)) return
  const refuse = refusal(target, property, asked)
  if (ruleFor(target, property, refuse).own) throw refuse('it is not inherited; set it to its default')
}

type Refuse = (reason: string) => PropertyInvalid

function refusal({ name }: Target, property: string, asked: string): Refuse {
  return (reason) => new PropertyInvalid({ name, property, asked, reason })
}

function ruleFor(target: Target, property: string, refuse: Refuse): PropertyRule {
  if (READ_ONLY.has(canonical(property))) throw refuse('it is read-only')
  const rule = SETTABLE.get(canonical(property))
  if (!rule) throw refuse('there is no such property')
  if (rule.of !== undefined && rule.of !== target.type) throw refuse(`it is a property of a ${rule.of}`)
  return rule
}

function word(rule: PropertyRule, value: bigint, refuse: Refuse): string {
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw refuse('it is out of range')
  if (!rule.words) return String(value)
  const found = Object.entries(rule.words).find(([, number]) => BigInt(number) === value)
  if (!found) throw refuse(`${value} stands for none of ${Object.keys(rule.words).join(', ')}`)
  return found[0]
}

function checkString(property: string, value: string, refuse: Refuse): string {
  if (property === 'mountpoint' && !isAbsolute(value) && value !== 'none' && value !== 'legacy') {
    throw refuse('it is an absolute path, "none" or "legacy"')
  }
  return checkLength(value, refuse)
}

function checkLength(value: string, refuse: Refuse): string {
  if (value.includes('\0') || !value.isWellFormed()) throw refuse('a value is a text without NUL')
  if (Buffer.byteLength(value) > MAX_VALUE_LENGTH) throw refuse(`it is longer than ${MAX_VALUE_LENGTH} bytes`)
  return value
}

/** `10G`, `1.5T`, `4096`, `none` in bytes. */
function parseSize(text: string, refuse: Refuse): string {
  if (text === 'none') return '0'
  const match = /^(\d+)(?:\.(\d{1,3}))?([BKMGTPEZ]?)(?:i?B)?$/i.exec(text)
  if (!match) throw refuse('it is a number, with a unit of B, K, M, G, T, P or E if wanted')
  const [, whole = '0', fraction = '', unit = ''] = match
  const thousandths = BigInt(whole) * 1000n + BigInt(fraction.padEnd(3, '0'))
  const bytes = (thousandths << BigInt(10 * Math.max(0, UNITS.indexOf(unit.toUpperCase())))) / 1000n
  if (bytes > 0xffff_ffff_ffff_ffffn) throw refuse('it is out of range')
  return String(bytes)
}
