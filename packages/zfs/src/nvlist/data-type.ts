/**
 * The types of a name-value pair by their numbers: `data_type_t` of OpenZFS's sys/nvpair.h.
 * BOOLEAN is a name without a value; DOUBLE is known to user space only, the kernel refuses it.
 */
export const DataType: Readonly<Record<DataTypeName, number>> = {
  BOOLEAN: 1,
  BYTE: 2,
  INT16: 3,
  UINT16: 4,
  INT32: 5,
  UINT32: 6,
  INT64: 7,
  UINT64: 8,
  STRING: 9,
  BYTE_ARRAY: 10,
  INT16_ARRAY: 11,
  UINT16_ARRAY: 12,
  INT32_ARRAY: 13,
  UINT32_ARRAY: 14,
  INT64_ARRAY: 15,
  UINT64_ARRAY: 16,
  STRING_ARRAY: 17,
  HRTIME: 18,
  NVLIST: 19,
  NVLIST_ARRAY: 20,
  BOOLEAN_VALUE: 21,
  INT8: 22,
  UINT8: 23,
  BOOLEAN_ARRAY: 24,
  INT8_ARRAY: 25,
  UINT8_ARRAY: 26,
  DOUBLE: 27,
}

/** Names of the 27 types. */
export type DataTypeName =
  | ScalarName
  | FixedArrayName
  | 'BOOLEAN'
  | 'STRING'
  | 'STRING_ARRAY'
  | 'NVLIST'
  | 'NVLIST_ARRAY'
  | 'BOOLEAN_VALUE'
  | 'BOOLEAN_ARRAY'

/** Types of one number. */
export type ScalarName =
  | 'BYTE'
  | 'INT8'
  | 'UINT8'
  | 'INT16'
  | 'UINT16'
  | 'INT32'
  | 'UINT32'
  | 'INT64'
  | 'UINT64'
  | 'HRTIME'
  | 'DOUBLE'

/** Types of many numbers of one width. */
export type FixedArrayName =
  | 'BYTE_ARRAY'
  | 'INT8_ARRAY'
  | 'UINT8_ARRAY'
  | 'INT16_ARRAY'
  | 'UINT16_ARRAY'
  | 'INT32_ARRAY'
  | 'UINT32_ARRAY'
  | 'INT64_ARRAY'
  | 'UINT64_ARRAY'

/** Lists nest this deep at most, as in libnvpair (the kernel stops at 20 and answers EINVAL). */
export const MAX_DEPTH = 100
