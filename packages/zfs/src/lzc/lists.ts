import { ZFSGenericError } from '../errors.ts'
import { decode } from '../nvlist/index.ts'
import type { NvList } from '../nvlist/types.ts'
import { loadKoffi } from './koffi.ts'
import { type CFunction, nvpairFunction } from './library.ts'

/** Address of a list in C's memory; 0 for none. */
export type ListPointer = bigint

/** Room for one pointer or one 64-bit number that C writes. Its memory is outside of the garbage collector's heap. */
export function cell(): BigUint64Array {
  return new BigUint64Array(new ArrayBuffer(8))
}

/** The packed list as one of C's, which must be freed. */
export function unpackList(packed: Buffer): ListPointer {
  const unpack = nvpairFunction('nvlist_unpack', 'int', ['void *', 'size_t', 'void *', 'int'])
  const out = cell()
  succeed(unpack(packed, packed.length, out, 0), 'nvlist_unpack')
  return out[0] as bigint
}

/** Reads C's list and frees it; undefined for none. */
export function takeList(pointer: ListPointer): NvList | undefined {
  if (pointer === 0n) return undefined
  try {
    const size = nvpairFunction('nvlist_size', 'int', ['void *', 'void *', 'int'])
    const pack = nvpairFunction('nvlist_pack', 'int', ['void *', 'void *', 'void *', 'int', 'int'])
    const length = cell()
    succeed(size(pointer, length, 0), 'nvlist_size')
    const bytes = Buffer.alloc(Number(length[0]))
    // Given a buffer, nvlist_pack fills that instead of allocating one.
    const target = cell()
    target[0] = loadKoffi().address(bytes)
    succeed(pack(pointer, target, length, 0, 0), 'nvlist_pack')
    return decode(bytes)
  } finally {
    freeList(pointer)
  }
}

export function freeList(pointer: ListPointer): void {
  if (pointer !== 0n) free()(pointer)
}

function free(): CFunction {
  return nvpairFunction('nvlist_free', 'void', ['void *'])
}

function succeed(errno: unknown, call: string): void {
  if (errno !== 0) throw new ZFSGenericError({ errno: errno as number, asked: `convert a list with ${call}` })
}
