import { NvlistMalformed } from './errors.ts'
import { NativeReader } from './native-decode.ts'
import { encodeNative, littleEndian } from './native-encode.ts'
import { Text, type TextEncoding } from './text.ts'
import type { NvInput, NvList, NvValue } from './types.ts'
import { XdrReader } from './xdr-decode.ts'
import { encodeXdr } from './xdr-encode.ts'

export { DataType, type DataTypeName } from './data-type.ts'
export * from './errors.ts'
export * from './typed.ts'
export type { NvInput, NvList, NvValue, TextEncoding }

/** `native` goes to and from the kernel, `xdr` is on disks and in resume tokens. */
export type NvFormat = 'native' | 'xdr'

/**
 * Packs a list as nvlist_pack(3) does. Throws NvlistInputInvalid, which names the pair, for what has no place in a
 * list: embedded NULs, empty or mixed arrays, integers out of range, values of other classes.
 */
export function encode(list: NvInput, options: { format?: NvFormat } = {}): Buffer {
  return options.format === 'xdr' ? encodeXdr(list) : encodeNative(list)
}

/**
 * Unpacks a list of either form. Throws NvlistMalformed.
 * Bytes behind the list are ignored, as the kernel's answers have them.
 */
export function decode(packed: Uint8Array, options: { text?: TextEncoding } = {}): NvList {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  const text = new Text(bytes, options.text ?? 'utf8')
  try {
    if (bytes[0] === 1) return new XdrReader(bytes, 4, text).list()
    if (bytes[0] !== 0) throw new NvlistMalformed({ reason: 'the first byte names no encoding', offset: 0 })
    if ((bytes[1] === 1) !== littleEndian) {
      throw new NvlistMalformed({ reason: 'the list was packed by a machine of the other byte order', offset: 1 })
    }
    return new NativeReader(bytes, 4, text).whole()
  } catch (error) {
    // DataView's own refusal to read behind the end.
    if (error instanceof RangeError) throw new NvlistMalformed({ reason: 'the list is cut off' }, { cause: error })
    throw error
  }
}

/** The list as an ordinary object without prototype, lists inside it too. Number-like names come first there. */
export function toObject(list: NvList): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null)
  for (const [name, value] of list) object[name] = plain(value)
  return object
}

function plain(value: NvValue): unknown {
  if (value instanceof Map) return toObject(value)
  if (Array.isArray(value)) return value.map((each: NvValue) => plain(each))
  return value
}
