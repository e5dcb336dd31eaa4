export type { CreatePoolOptions } from './calls/pool.ts'
export { type EmbeddedPools, type EmbeddedZfs, type EmbeddedZfsOptions, embeddedZfs } from './embedded.ts'
export { EmbeddedFileError, EmbeddedLocked, EmbeddedStateInvalid, MountpointUnusable } from './errors.ts'
