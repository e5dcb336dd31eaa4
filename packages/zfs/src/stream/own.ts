import type { ReceiveHeaderOptions, SendOptions } from '../calls/streams.ts'
import type { Zfs } from '../zfs.ts'

/** Under this name a ZFS that is not the kernel's has its streams: it makes and takes them without descriptors. */
export const ownStreams: unique symbol = Symbol('streams without descriptors')

export interface OwnStreams {
  /** Writes the stream, waiting for each write. */
  send(snapshot: string, write: (bytes: Uint8Array) => Promise<void>, options: SendOptions): Promise<void>
  /** Reads a stream whose first record was read already. `read` gives so many bytes, or fewer at the end. */
  receive(
    snapshot: string,
    record: Uint8Array,
    read: (length: number) => Promise<Uint8Array>,
    options: ReceiveHeaderOptions,
  ): Promise<void>
  /** The magic number of its begin records. */
  readonly magic: bigint
}

/** The streams of a ZFS that has its own; undefined for the kernel's. */
export function ownStreamsOf(zfs: Zfs): OwnStreams | undefined {
  return (zfs as { readonly [ownStreams]?: OwnStreams })[ownStreams]
}
