export { type EmbeddedOnly, type EmbeddedZfs, type EmbeddedZfsOptions, embeddedZfs } from './embedded.ts'
export { EmbeddedFileError, EmbeddedLocked, EmbeddedStateInvalid, MountpointUnusable } from './errors.ts'
