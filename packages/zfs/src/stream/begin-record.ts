import { BadStream, StreamTruncated } from '../errors.ts'
import { fill, fillSync } from './fill.ts'

/** sizeof (dmu_replay_record_t) of OpenZFS's sys/zfs_ioctl.h; on all systems the same. */
export const BEGIN_RECORD_LENGTH = 312

const MAGIC = 0x2_f5ba_cbacn
const types = new Map([
  [2, 'filesystem'],
  [3, 'volume'],
] as const)

/** What a stream's first record says; guids identify snapshots on all machines. */
export interface StreamHeader {
  /** Of what the snapshot is; undefined for a package of several streams (`zfs send -R`). */
  readonly type: 'filesystem' | 'volume' | undefined
  /** Features in the upper 62 bits, and in the lower two whether it is 1: one stream, 2: a package. */
  readonly versionInfo: bigint
  /** Of the snapshot, in seconds since 1970. */
  readonly creation: bigint
  readonly flags: number
  readonly toGuid: bigint
  /** 0 in full streams. */
  readonly fromGuid: bigint
  /** Name of the snapshot where it was sent. */
  readonly toName: string
}

export interface BeginRecord {
  readonly header: StreamHeader
  /** As it was read: what the calls `receiveWithHeader` and later ones want. */
  readonly record: Uint8Array
}

/**
 * Reads the begin record of a stream, from where `fd` is: however few bytes a pipe gives at a time.
 * Throws StreamTruncated, BadStream, or what reading fails with. It waits in libuv's pool; a socket or pipe of Node's
 * that does not block is read as a stream instead, and given to `parseHeader`.
 */
export async function receiveHeader(fd: number): Promise<BeginRecord> {
  const record = Buffer.alloc(BEGIN_RECORD_LENGTH)
  if (!(await fill(fd, record))) throw new StreamTruncated({ asked: 'read the header of a stream' })
  return parseHeader(record)
}

/** As `receiveHeader`, blocking. */
export function receiveHeaderSync(fd: number): BeginRecord {
  const record = Buffer.alloc(BEGIN_RECORD_LENGTH)
  if (!fillSync(fd, record)) throw new StreamTruncated({ asked: 'read the header of a stream' })
  return parseHeader(record)
}

/**
 * What the first 312 bytes of a stream say. Throws StreamTruncated for fewer, BadStream for another record; `magic` is
 * the number that marks it, by default that of real ZFS.
 */
export function parseHeader(bytes: Uint8Array, magic: bigint = MAGIC): BeginRecord {
  const asked = 'read the header of a stream'
  const record = bytes.slice(0, BEGIN_RECORD_LENGTH)
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  // What is cut may still show that it is no stream.
  if (bytes.length < 16) throw new StreamTruncated({ asked })
  // A stream is in the byte order of the machine that made it, as its magic number tells.
  const little = view.getBigUint64(8, true) === magic
  if (!little && view.getBigUint64(8, false) !== magic) throw new BadStream({ asked })
  if (bytes.length < BEGIN_RECORD_LENGTH) throw new StreamTruncated({ asked })
  if (view.getUint32(0, little) !== 0) throw new BadStream({ asked })
  const name = record.subarray(56)
  const end = name.indexOf(0)
  const header: StreamHeader = {
    type: types.get(view.getUint32(32, little) as 2 | 3),
    versionInfo: view.getBigUint64(16, little),
    creation: view.getBigUint64(24, little),
    flags: view.getUint32(36, little),
    toGuid: view.getBigUint64(40, little),
    fromGuid: view.getBigUint64(48, little),
    toName: Buffer.from(name.subarray(0, end < 0 ? name.length : end)).toString(),
  }
  return { header, record }
}
