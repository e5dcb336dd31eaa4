export * from './embedded/index.ts'
export * from './errors.ts'
export * from './names.ts'
export * from './nvlist/errors.ts'
/** Packing and unpacking nvlists, and the types of values that JavaScript has no type for. */
export * as nvlist from './nvlist/index.ts'
export * from './openzfs.ts'
export {
  type BeginRecord,
  parseHeader,
  receiveHeader,
  receiveHeaderSync,
  type StreamHeader,
} from './stream/begin-record.ts'
export * from './zfs.ts'
