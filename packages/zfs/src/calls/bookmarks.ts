/** Properties of a bookmark that libzfs_core reads; numbers in seconds, transaction groups or as ids. */
export interface BookmarkProperties {
  readonly guid?: bigint
  readonly createtxg?: bigint
  /** Seconds since 1970. */
  readonly creation?: bigint
  /** Of encrypted datasets: identifies the initialisation vectors. */
  readonly ivsetguid?: bigint
  /** Of redaction bookmarks: guids of the snapshots that the redaction was made for. */
  readonly redact_snaps?: readonly bigint[]
  /** Of redaction bookmarks: whether the list of redacted blocks is whole. */
  readonly redact_complete?: boolean
  /** Bytes, as of the snapshot's. */
  readonly referenced?: bigint
  readonly logicalreferenced?: bigint
  /** In hundredths. */
  readonly refcompressratio?: bigint
}

/** Bookmarks and rolling back: lib/libzfs_core/libzfs_core.c of OpenZFS, errors as in pyzfs. */
export interface BookmarkCalls {
  /**
   * `{ 'tank/a#mark': 'tank/a@snapshot' }`: all or none; a bookmark may be copied as well.
   * Throws BookmarkFailure of BookmarkExists, SnapshotNotFound, BookmarkNotFound, BookmarkMismatch (no ancestor),
   * BookmarkSourceInvalid, BookmarkNotSupported, PoolsDiffer.
   */
  bookmark(bookmarks: Readonly<Record<string, string>>): void
  /**
   * The bookmarks of a filesystem or volume, by the part of the name behind the `#`, with the properties asked for
   * (by default none; ones that a bookmark has not are left out). Throws FilesystemNotFound.
   */
  getBookmarks(name: string, properties?: readonly (keyof BookmarkProperties)[]): Record<string, BookmarkProperties>
  /** The properties of one bookmark, but for those of redaction. Throws BookmarkNotFound, FilesystemNotFound. */
  getBookmarkProps(bookmark: string): BookmarkProperties
  /** Missing bookmarks are ignored. Throws BookmarkDestructionFailure. */
  destroyBookmarks(bookmarks: readonly string[]): void
  /**
   * Back to the latest snapshot, whose name is returned. What is mounted should be unmounted, or files may be stale.
   * Throws SnapshotNotFound when there is none, FilesystemNotFound.
   */
  rollback(name: string): string
  /** Back to this snapshot, which must be the latest: else SnapshotNotLatest. Throws SnapshotNotFound too. */
  rollbackTo(name: string, snapshot: string): void
  /**
   * Bytes that would be freed by destroying the snapshots from one to the other, both included.
   * Throws SnapshotNotFound, SnapshotMismatch, PoolsDiffer.
   */
  snaprangeSpace(first: string, last: string): bigint
  /**
   * Makes the redaction bookmark `bookmark` (the part behind the `#`) of a snapshot: its blocks that clones, named by
   * their snapshots, have changed. Root only. Throws SnapshotNotFound, BookmarkExists.
   */
  redact(snapshot: string, bookmark: string, redactionSnapshots: readonly string[]): void
}
