import { isAbsolute } from 'node:path'
import { PropertyInvalid } from '../errors.ts'
import { isUserProperty, type PropertyRow } from '../properties/names.ts'
import { MAX_VALUE, propertyText, toNative } from '../properties/native.ts'
import type { NvInput } from '../zfs.ts'
import { canonical, isOwn, isReadOnly, settableRow } from './property-table.ts'
import type { DatasetRecord, Values } from './state.ts'

/** The dataset that values are for. */
type Target = Pick<DatasetRecord, 'name' | 'type'>

/** Values as `create` and `set` take them, as the texts that are kept. Throws PropertyInvalid. */
export function checkedValues(target: Target, props: NvInput | undefined, asked: string, isNew = false): Values {
  const entries = props instanceof Map ? [...props] : Object.entries(props ?? {})
  return Object.fromEntries(
    entries.map(([property, given]: [string, unknown]) => {
      const refuse = refusal(target, property, asked)
      const row = isUserProperty(property) ? undefined : rowFor(target, property, refuse)
      if (row?.access === 'once' && !isNew) throw refuse('it can only be given when the dataset is created')
      const native = toNative(canonical(property), given)
      if ('reason' in native) throw refuse(native.reason)
      const text = propertyText(canonical(property), native.value as bigint | string)
      return [canonical(property), row?.kind === 'number' ? text : checkText(property, text, refuse)]
    }),
  )
}

/** Checks that a property may be inherited. Throws PropertyInvalid. */
export function checkInheritable(target: Target, property: string, asked: string): void {
  if (isUserProperty(property)) return
  const refuse = refusal(target, property, asked)
  if (isOwn(rowFor(target, property, refuse))) throw refuse('it is not inherited; set it to its default')
}

type Refuse = (reason: string) => PropertyInvalid

function refusal({ name }: Target, property: string, asked: string): Refuse {
  return (reason) => new PropertyInvalid({ name, property, asked, reason })
}

function rowFor(target: Target, property: string, refuse: Refuse): PropertyRow {
  if (isReadOnly(property)) throw refuse('it is read-only')
  const row = settableRow(property)
  if (!row) throw refuse('there is no such property')
  if (!row.on.includes(target.type[0] as string)) throw refuse(`it is no property of a ${target.type}`)
  return row
}

function checkText(property: string, value: string, refuse: Refuse): string {
  if (property === 'mountpoint' && !isAbsolute(value) && value !== 'none' && value !== 'legacy') {
    throw refuse('it is an absolute path, "none" or "legacy"')
  }
  if (value.includes('\0') || !value.isWellFormed()) throw refuse('a value is a text without NUL')
  if (Buffer.byteLength(value) > MAX_VALUE) throw refuse(`it is longer than ${MAX_VALUE} bytes`)
  return value
}
