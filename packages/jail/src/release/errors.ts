import { IocError, registerErrors } from '@gaoler/core'

/** A release name that can be neither a directory of a mirror nor a dataset. */
export class InvalidReleaseName extends IocError<{ name: string; reason: string }> {
  static override readonly code: string = 'INVALID_RELEASE_NAME'
  constructor(details: { name: string; reason: string }, options: ErrorOptions = {}) {
    super(
      `${JSON.stringify(details.name)} is not a release name: ${details.reason}; write it like 14.3-RELEASE`,
      details,
      options,
    )
  }
}

/** A mirror's address that nothing can be fetched from. */
export class UnsupportedMirror extends IocError<{ mirror: string; reason: string }> {
  static override readonly code: string = 'UNSUPPORTED_MIRROR'
  constructor(details: { mirror: string; reason: string }, options: ErrorOptions = {}) {
    super(
      `cannot fetch from the mirror ${details.mirror}: ${details.reason}; give an https, http or file URL`,
      details,
      options,
    )
  }
}

/** A file did not arrive whole; `status` is the HTTP status where a server answered with one. */
export class DownloadFailed extends IocError<{ url: string; status?: number; reason: string }> {
  static override readonly code: string = 'DOWNLOAD_FAILED'
  constructor(details: { url: string; status?: number; reason: string }, options: ErrorOptions = {}) {
    super(`could not download ${details.url}: ${details.reason}`, details, options)
  }
}

/** A mirror's MANIFEST names no digest that the assets could be checked with; `line` counts from 1. */
export class ReleaseAssetHashesUnavailable extends IocError<{
  source: string
  reason: string
  line?: number
  found?: string
}> {
  static override readonly code: string = 'RELEASE_ASSET_HASHES_UNAVAILABLE'
  constructor(details: { source: string; reason: string; line?: number; found?: string }, options: ErrorOptions = {}) {
    const where = details.line === undefined ? details.source : `${details.source}, line ${details.line}`
    const found = details.found === undefined ? '' : `, found ${JSON.stringify(details.found)}`
    super(`no digests to check the release with: ${where}: ${details.reason}${found}`, details, options)
  }
}

/** An asset is not the file that the MANIFEST describes; both digests are SHA-256 in lower case hexadecimal. */
export class InvalidReleaseAssetSignature extends IocError<{
  release: string
  asset: string
  expected: string
  found: string
}> {
  static override readonly code: string = 'INVALID_RELEASE_ASSET_SIGNATURE'
  constructor(
    details: { release: string; asset: string; expected: string; found: string },
    options: ErrorOptions = {},
  ) {
    const { release, asset, expected, found } = details
    super(
      `${asset} of ${release} has the SHA-256 ${found}, its MANIFEST says ${expected}: remove the file and fetch it again`,
      details,
      options,
    )
  }
}

/** An archive asks for something that could reach outside the directory it is unpacked into, or that cannot be made. */
export class IllegalArchiveContent extends IocError<{ archive: string; entry: string; reason: string }> {
  static override readonly code: string = 'ILLEGAL_ARCHIVE_CONTENT'
  constructor(details: { archive: string; entry: string; reason: string }, options: ErrorOptions = {}) {
    super(
      `${details.archive} has an entry that is refused, ${JSON.stringify(details.entry)}: ${details.reason}`,
      details,
      options,
    )
  }
}

/** An archive that ends too early, is no archive at all, or was changed on its way. */
export class DamagedArchive extends IocError<{ archive: string; reason: string }> {
  static override readonly code: string = 'DAMAGED_ARCHIVE'
  constructor(details: { archive: string; reason: string }, options: ErrorOptions = {}) {
    super(`cannot unpack ${details.archive}: ${details.reason}`, details, options)
  }
}

/** The directory that an archive was to be unpacked into is not an empty directory. */
export class ExtractionTargetUnusable extends IocError<{ directory: string; reason: string }> {
  static override readonly code: string = 'EXTRACTION_TARGET_UNUSABLE'
  constructor(details: { directory: string; reason: string }, options: ErrorOptions = {}) {
    super(`cannot unpack into ${details.directory}: ${details.reason}; give an empty directory`, details, options)
  }
}

/** The release was not fetched yet, or not to its end. */
export class ReleaseNotFetched extends IocError<{ release: string }> {
  static override readonly code: string = 'RELEASE_NOT_FETCHED'
  constructor(details: { release: string }, options: ErrorOptions = {}) {
    super(`the release ${details.release} is not there: fetch it first`, details, options)
  }
}

registerErrors({
  InvalidReleaseName,
  UnsupportedMirror,
  DownloadFailed,
  ReleaseAssetHashesUnavailable,
  InvalidReleaseAssetSignature,
  IllegalArchiveContent,
  DamagedArchive,
  ExtractionTargetUnusable,
  ReleaseNotFetched,
})
