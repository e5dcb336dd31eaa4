import type { Zfs } from '@gaoler/zfs'
import { JailConfigUnwritable } from '../errors.ts'
import { type RawConfig, rawText } from '../raw.ts'

/** libioc's and iocage's prefix of user properties. */
const PREFIX = 'org.freebsd.iocage:'

/** ZAP_MAXVALUELEN of OpenZFS is 8192 with the NUL. */
const MAX_VALUE = 8191

/** zfsprops(7), "User Properties": lower-case letters, digits and four marks, at most 256 characters with the prefix. */
const NAME = /^[a-z0-9:_.-]+$/

/** The properties that are the dataset's own; null when it has none, or is not there. */
export function readProperties(zfs: Zfs, dataset: string): RawConfig | null {
  if (!zfs.existsSync(dataset)) return null
  const own = Object.entries(zfs.getSync(dataset, ['all']).properties).filter(
    ([name, { source }]) => name.startsWith(PREFIX) && (source === 'local' || source === 'received'),
  )
  return own.length === 0 ? null : new Map(own.map(([name, { value }]) => [name.slice(PREFIX.length), String(value)]))
}

interface Change {
  readonly property: string
  /** Null: to be cleared. */
  readonly value: string | null
  readonly previous: string | null
}

/** What has to be set and cleared. Throws JailConfigUnwritable. */
export function changedProperties(raw: RawConfig, stored: RawConfig | null, dataset: string): Change[] {
  const values = new Map<string, string | null>([...(stored?.keys() ?? [])].map((name) => [name, null]))
  for (const [name, value] of raw) values.set(name, checked(name, rawText(value), dataset))
  return [...values].flatMap(([name, value]) => {
    const previous = (stored?.get(name) as string | undefined) ?? null
    return previous === value ? [] : [{ property: PREFIX + name, value, previous }]
  })
}

function checked(name: string, text: string, dataset: string): string {
  if (!NAME.test(name) || PREFIX.length + name.length > 255) {
    const reason = `${name} cannot be the name of a ZFS property: it has lower-case letters, digits and - _ . only`
    throw new JailConfigUnwritable({ file: dataset, property: name, reason })
  }
  const length = Buffer.byteLength(text)
  if (length > MAX_VALUE) {
    const reason = `${name} has ${length} bytes, at most ${MAX_VALUE} fit into a ZFS property`
    throw new JailConfigUnwritable({ file: dataset, property: name, reason })
  }
  return text
}
