import { IocError, registerErrors } from '@gaoler/core'
import { MissingFeature } from '../errors.ts'

/**
 * A release name that can be neither a directory of a mirror nor a dataset.
 * @remedy Write it like 14.3-RELEASE.
 */
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

/**
 * A mirror's address that nothing can be fetched from.
 * @remedy Give an https, http or file URL.
 */
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

/**
 * A file did not arrive whole; `status` is the HTTP status where a server answered with one.
 * @remedy Check the address and the network, or take another mirror; nothing is left behind.
 */
export class DownloadFailed extends IocError<{ url: string; status?: number; reason: string }> {
  static override readonly code: string = 'DOWNLOAD_FAILED'
  constructor(details: { url: string; status?: number; reason: string }, options: ErrorOptions = {}) {
    super(
      `could not download ${details.url}: ${details.reason}; check the name and the network, or take another mirror`,
      details,
      options,
    )
  }
}

/**
 * A mirror's MANIFEST names no digest that the assets could be checked with; `line` counts from 1.
 * @remedy Check the mirror and the name of the release, or take another mirror.
 */
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

/**
 * An asset is not the file that the MANIFEST describes; both digests are SHA-256 in lower case hexadecimal.
 * @remedy Fetch it again; if it happens again, take another mirror.
 */
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

/**
 * An archive asks for something that could reach outside the directory it is unpacked into, or that cannot be made.
 * @remedy Do not use the archive; take it from a source that you trust.
 */
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

/**
 * An archive that ends too early, is no archive at all, or was changed on its way.
 * @remedy Fetch it again.
 */
export class DamagedArchive extends IocError<{ archive: string; reason: string }> {
  static override readonly code: string = 'DAMAGED_ARCHIVE'
  constructor(details: { archive: string; reason: string }, options: ErrorOptions = {}) {
    super(`cannot unpack ${details.archive}: ${details.reason}`, details, options)
  }
}

/**
 * The directory that an archive was to be unpacked into is not an empty directory.
 * @remedy Give an empty directory.
 */
export class ExtractionTargetUnusable extends IocError<{ directory: string; reason: string }> {
  static override readonly code: string = 'EXTRACTION_TARGET_UNUSABLE'
  constructor(details: { directory: string; reason: string }, options: ErrorOptions = {}) {
    super(`cannot unpack into ${details.directory}: ${details.reason}; give an empty directory`, details, options)
  }
}

/**
 * The release was not fetched yet, or not to its end.
 * @remedy Fetch the release first.
 */
export class ReleaseNotFetched extends IocError<{ release: string }> {
  static override readonly code: string = 'RELEASE_NOT_FETCHED'
  constructor(details: { release: string }, options: ErrorOptions = {}) {
    super(`the release ${details.release} is not there: fetch it first`, details, options)
  }
}

/**
 * A mirror does not say which releases it has.
 * @remedy Check the mirror and the network; a release can also be fetched by its name.
 */
export class ReleaseListUnavailable extends IocError<{ source: string; reason: string }> {
  static override readonly code: string = 'RELEASE_LIST_UNAVAILABLE'
  constructor(details: { source: string; reason: string }, options: ErrorOptions = {}) {
    super(`${details.source} does not list its releases: ${details.reason}; fetch one by its name`, details, options)
  }
}

/**
 * It cannot be told from where a release gets its updates.
 * @remedy Check that the release is still supported.
 */
export class ReleaseUpdateBranchLookup extends IocError<{ release: string; reason?: string }> {
  static override readonly code: string = 'RELEASE_UPDATE_BRANCH_LOOKUP'
  constructor(details: { release: string; reason?: string }, options: ErrorOptions = {}) {
    const reason = details.reason ?? 'check that it is still supported'
    super(`the branch of updates for ${details.release} was not found: ${reason}`, details, options)
  }
}

/**
 * A release is too old or too new to be dealt with.
 * @remedy Take a release that the message names, or a newer Gaoler.
 */
export class UnsupportedRelease extends MissingFeature {
  static override readonly code: string = 'UNSUPPORTED_RELEASE'
  constructor(details: { version: string }, options: ErrorOptions = {}) {
    super({ ...details, feature: `the release ${details.version}` }, options)
  }
}

/**
 * Nothing was named, and the release that the host itself runs was not fetched or does not exist on the mirror.
 * @remedy Name a release, or fetch the one of the host.
 */
export class DefaultReleaseNotFound extends IocError<{ release: string }> {
  static override readonly code: string = 'DEFAULT_RELEASE_NOT_FOUND'
  constructor(details: { release: string }, options: ErrorOptions = {}) {
    super(`the host's own release ${details.release} is not there: name another one`, details, options)
  }
}

/**
 * Jails or other datasets are clones of the release, or its snapshots are held. Nothing was touched.
 * @remedy Destroy or promote what it names, and release the holds; then destroy the release again.
 */
export class ReleaseHasDependents extends IocError<{
  release: string
  clones: readonly string[]
  holds: readonly string[]
}> {
  static override readonly code: string = 'RELEASE_HAS_DEPENDENTS'
  constructor(
    details: { release: string; clones: readonly string[]; holds: readonly string[] },
    options: ErrorOptions = {},
  ) {
    const clones = details.clones.length > 0 ? `destroy or promote the clones ${details.clones.join(', ')}` : ''
    const holds = details.holds.length > 0 ? `release the holds ${details.holds.join(', ')}` : ''
    const first = [clones, holds].filter(Boolean).join(' and ')
    super(`release ${details.release} is needed, nothing was touched: first ${first}`, details, options)
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
  ReleaseListUnavailable,
  ReleaseUpdateBranchLookup,
  UnsupportedRelease,
  DefaultReleaseNotFound,
  ReleaseHasDependents,
})
