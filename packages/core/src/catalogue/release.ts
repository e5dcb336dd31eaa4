import type { Kind, ParentsOf } from './kind.ts'

/** What happens to a release; `identifier` is its full name. */
export interface ReleaseEvents {
  /** Base of all that happens to one release. */
  ReleaseEvent: Kind<'IocEvent'>

  /** A release is fetched from a mirror and made ready for jails. */
  FetchRelease: Kind<'ReleaseEvent', { mirror?: string }>
  /** The datasets of a release are made. */
  ReleasePrepareStorage: Kind<'FetchRelease'>
  /** The files of a release are downloaded and checked. */
  ReleaseDownload: Kind<'FetchRelease'>
  /** One file of a release is downloaded and checked; its progress is in bytes. */
  ReleaseAssetDownload: Kind<'FetchRelease', { asset?: string; url?: string }>
  /** The archives of a release are unpacked. */
  ReleaseExtraction: Kind<'FetchRelease'>
  /** The directories that basejails share are copied out of the release. */
  ReleaseCopyBase: Kind<'FetchRelease'>
  /** Files of the release are adapted to jails. */
  ReleaseConfiguration: Kind<'FetchRelease'>
  /** The snapshot is made that jails are cloned from. */
  ReleaseSnapshot: Kind<'FetchRelease', { snapshot?: string }>

  /** A release is removed with its datasets and snapshots. */
  ReleaseDestroy: Kind<'ReleaseEvent'>

  /** A release is brought to its newest patch level. */
  ReleaseUpdate: Kind<'ReleaseEvent', { patch?: number }>
  /** The updater itself is fetched. */
  ReleaseUpdatePull: Kind<'ReleaseUpdate'>
  /** The patches of a release are downloaded. */
  ReleaseUpdateDownload: Kind<'ReleaseUpdate'>
}

export const releaseEvents: ParentsOf<ReleaseEvents> = {
  ReleaseEvent: 'IocEvent',
  FetchRelease: 'ReleaseEvent',
  ReleasePrepareStorage: 'FetchRelease',
  ReleaseDownload: 'FetchRelease',
  ReleaseAssetDownload: 'FetchRelease',
  ReleaseExtraction: 'FetchRelease',
  ReleaseCopyBase: 'FetchRelease',
  ReleaseConfiguration: 'FetchRelease',
  ReleaseSnapshot: 'FetchRelease',
  ReleaseDestroy: 'ReleaseEvent',
  ReleaseUpdate: 'ReleaseEvent',
  ReleaseUpdatePull: 'ReleaseUpdate',
  ReleaseUpdateDownload: 'ReleaseUpdate',
}
