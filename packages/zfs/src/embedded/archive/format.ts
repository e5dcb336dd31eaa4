import { BEGIN_RECORD_LENGTH } from '../../stream/begin-record.ts'
import type { BytePath } from '../files.ts'
import type { Steps } from '../steps.ts'

/** Marks the streams of the embedded ZFS: "GaolerZS". Real ZFS takes them for none, as this one does with those of real ZFS. */
export const STREAM_MAGIC = 0x535a_7265_6c6f_6147n

/** How much of a file is read or written at once, in bytes. */
export const PIECE = 262_144
/** The longest description of an entry, in bytes: two paths and some numbers. */
export const LONGEST_ENTRY = 65_536
/** Of SHA-256, over everything before it, at the end of the stream. */
export const DIGEST_LENGTH = 32

/** Takes bytes to where the stream goes. */
export type Write = (bytes: Uint8Array) => Steps<void>
/** Gives so many bytes of a stream, or fewer at its end. */
export type Read = (length: number) => Steps<Uint8Array>

/**
 * What a stream has of a tree, each as its length (32 bits, little-endian) and JSON; parents before what is in them. The
 * bytes of a file follow it. Paths are relative, one character a byte, '' for the root.
 */
export type Entry =
  | ({ readonly type: 'directory' } & Attributes)
  | ({ readonly type: 'file'; readonly size: number } & Attributes)
  | ({ readonly type: 'symlink'; readonly target: BytePath } & Attributes)
  | { readonly type: 'link'; readonly path: BytePath; readonly to: BytePath }
  | { readonly type: 'end' }

export interface Attributes {
  readonly path: BytePath
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970. */
  readonly accessed: number
  readonly modified: number
}

/** What a begin record says. */
export interface Begin {
  readonly type: 'filesystem' | 'volume'
  readonly creation: number
  readonly toGuid: bigint
  readonly fromGuid: bigint
  readonly toName: string
}

/** The begin record, in the form of real ZFS's: drr_begin of OpenZFS's sys/zfs_ioctl.h. */
export function beginRecord({ type, creation, toGuid, fromGuid, toName }: Begin): Buffer {
  const record = Buffer.alloc(BEGIN_RECORD_LENGTH)
  record.writeBigUInt64LE(STREAM_MAGIC, 8)
  record.writeBigUInt64LE(1n, 16)
  record.writeBigUInt64LE(BigInt(creation), 24)
  record.writeUInt32LE(type === 'filesystem' ? 2 : 3, 32)
  record.writeBigUInt64LE(toGuid, 40)
  record.writeBigUInt64LE(fromGuid, 48)
  record.write(toName, 56)
  return record
}
