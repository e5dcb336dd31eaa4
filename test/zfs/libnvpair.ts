import koffi from 'koffi'
import { DataType, type NvInput, Typed } from '../../packages/zfs/src/nvlist/index.ts'

/** libnvpair itself, to compare with; or why it cannot be loaded. */
export type Libnvpair = {
  /** The list in both forms: to build it is what takes time. */
  pack: (list: NvInput) => { readonly native: Buffer; readonly xdr: Buffer }
  repack: (packed: Buffer) => Buffer
}

export function loadLibnvpair(): Libnvpair | string {
  try {
    return bind()
  } catch (error) {
    return `libnvpair cannot be loaded: ${(error as Error).message}`
  }
}

/** What C calls the functions, and what they take, for each type that is no list. */
const adders: Readonly<Record<string, readonly [name: string, type: string]>> = {
  BYTE: ['byte', 'uint8_t'],
  INT8: ['int8', 'int8_t'],
  UINT8: ['uint8', 'uint8_t'],
  INT16: ['int16', 'int16_t'],
  UINT16: ['uint16', 'uint16_t'],
  INT32: ['int32', 'int32_t'],
  UINT32: ['uint32', 'uint32_t'],
  INT64: ['int64', 'int64_t'],
  UINT64: ['uint64', 'uint64_t'],
  HRTIME: ['hrtime', 'int64_t'],
  DOUBLE: ['double', 'double'],
  BYTE_ARRAY: ['byte_array', 'uint8_t *'],
  INT8_ARRAY: ['int8_array', 'int8_t *'],
  UINT8_ARRAY: ['uint8_array', 'uint8_t *'],
  INT16_ARRAY: ['int16_array', 'int16_t *'],
  UINT16_ARRAY: ['uint16_array', 'uint16_t *'],
  INT32_ARRAY: ['int32_array', 'int32_t *'],
  UINT32_ARRAY: ['uint32_array', 'uint32_t *'],
  INT64_ARRAY: ['int64_array', 'int64_t *'],
  UINT64_ARRAY: ['uint64_array', 'uint64_t *'],
}

function bind(): Libnvpair {
  const library = koffi.load('libnvpair.so.3')
  const alloc = library.func('int nvlist_alloc(_Out_ void **list, unsigned int flag, int sleep)')
  const free = library.func('void nvlist_free(void *list)')
  const size = library.func('int nvlist_size(void *list, _Out_ size_t *size, int encoding)')
  const pack = library.func(
    'int nvlist_pack(void *list, _Inout_ void **buffer, _Inout_ size_t *size, int encoding, int sleep)',
  )
  const unpack = library.func('int nvlist_unpack(void *buffer, size_t size, _Out_ void **list, int sleep)')
  const add = Object.fromEntries(
    Object.entries(adders).map(([type, [name, c]]) => {
      const count = c.endsWith('*') ? ', unsigned int count' : ''
      return [
        DataType[type as 'BYTE'],
        library.func(`int nvlist_add_${name}(void *list, const char *name, ${c} value${count})`),
      ]
    }),
  )
  const addFlag = library.func('int nvlist_add_boolean(void *list, const char *name)')
  const addBoolean = library.func('int nvlist_add_boolean_value(void *list, const char *name, int value)')
  const addBooleans = library.func(
    'int nvlist_add_boolean_array(void *list, const char *name, int *value, unsigned int count)',
  )
  const addString = library.func('int nvlist_add_string(void *list, const char *name, const char *value)')
  const addStrings = library.func(
    'int nvlist_add_string_array(void *list, const char *name, const char **value, unsigned int count)',
  )
  const addList = library.func('int nvlist_add_nvlist(void *list, const char *name, void *value)')
  const addLists = library.func(
    'int nvlist_add_nvlist_array(void *list, const char *name, void **value, unsigned int count)',
  )

  const check = (code: number): void => {
    if (code !== 0) throw new Error(`libnvpair answered ${code}`)
  }

  const withList = <T>(make: (out: unknown[]) => number, use: (list: unknown) => T): T => {
    const out: unknown[] = [null]
    check(make(out))
    try {
      return use(out[0])
    } finally {
      free(out[0])
    }
  }

  const build = <T>(input: NvInput, use: (list: unknown) => T): T =>
    withList(
      (out) => alloc(out, 1, 0),
      (list) => {
        for (const [name, value] of input instanceof Map ? input : Object.entries(input)) put(list, name, value)
        return use(list)
      },
    )

  const buildAll = (inputs: readonly NvInput[], use: (lists: unknown[]) => void, built: unknown[] = []): void => {
    const [input] = inputs.slice(built.length)
    if (input === undefined) use(built)
    else build(input, (list) => buildAll(inputs, use, [...built, list]))
  }

  const put = (list: unknown, name: string, value: unknown): void => {
    if (value === null) check(addFlag(list, name))
    else if (typeof value === 'boolean') check(addBoolean(list, name, Number(value)))
    else if (typeof value === 'string') check(addString(list, name, value))
    else if (value instanceof Typed) {
      const count = ArrayBuffer.isView(value.value) ? [value.value.length] : []
      check(add[value.type]?.(list, name, value.value, ...count) ?? -1)
    } else if (!Array.isArray(value)) build(value as NvInput, (inner) => check(addList(list, name, inner)))
    else if (typeof value[0] === 'boolean') check(addBooleans(list, name, Int32Array.from(value, Number), value.length))
    else if (typeof value[0] === 'string') check(addStrings(list, name, value, value.length))
    else buildAll(value, (lists) => check(addLists(list, name, lists, lists.length)))
  }

  const packed = (list: unknown, encoding: number): Buffer => {
    const length: number[] = [0]
    check(size(list, length, encoding))
    const bytes = Buffer.alloc(length[0] as number, 0xee)
    check(pack(list, [bytes], length, encoding, 0))
    return bytes
  }

  return {
    pack: (list) => build(list, (made) => ({ native: packed(made, 0), xdr: packed(made, 1) })),
    repack: (bytes) =>
      withList(
        (out) => unpack(bytes, bytes.length, out, 0),
        (list) => packed(list, bytes[0] as number),
      ),
  }
}
