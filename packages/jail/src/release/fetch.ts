import type { IocEvent, Operation, OperationOptions } from '@gaoler/core'
import { DistributionBase } from '../distribution/distribution-base.ts'
import type { HostScope } from '../host/host-base.ts'
import { configureRelease } from './configure.ts'
import { checkDigest } from './digest.ts'
import { ReleaseAssetHashesUnavailable } from './errors.ts'
import { parseManifest } from './manifest.ts'
import { manifestFile, releaseUrl } from './mirror.ts'
import type { ReleaseBase } from './release-base.ts'
import { copyBase } from './update-base.ts'

export interface FetchOptions extends OperationOptions {
  /** An https, http or file URL of a mirror in FreeBSD's layout: `MIRROR/RELEASE/{MANIFEST,base.txz}`. */
  readonly mirror?: string
  /**
   * Bring the datasets that basejails of the type zfs are cloned from to the release's newest patch level, also where it is
   * fetched already; default: what `ioc_legacy_support` of rc.conf says, else false.
   */
  readonly updateBase?: boolean
}

const ASSET = 'base.txz'

/** Fetches a release: storage, download, digest, unpacking, settings for jails, and the snapshot `p0` that jails are cloned from. */
export function fetchRelease(release: ReleaseBase, options: FetchOptions = {}): Operation<void> {
  const { mirror = new DistributionBase({ host: release.host }).mirrorUrl } = options
  return release.host.operation(
    'FetchRelease',
    async function* (s) {
      s.use(release.lock('fetch'))
      const base = options.updateBase ?? release.host.legacySupport
      if (release.fetched) {
        if (!base) return s.skip('already downloaded')
        return yield* s.step('ReleaseCopyBase', (t) => copyBase(t, release))
      }
      yield* s.step('ReleasePrepareStorage', async (t) => {
        await t.host.ensureDataset({ name: release.rootDatasets.releases })
        await t.host.createDataset({ name: release.datasetName })
        await t.host.setMode({ path: release.path, mode: 0o700 })
        await t.host.createDataset({ name: release.rootDatasetName })
      })
      const archive = `${release.path}/${ASSET}`
      yield* s.step('ReleaseDownload', (t) => downloadAssets(t, release, mirror, archive))
      yield* s.step('ReleaseExtraction', (t) => t.host.extractArchive({ archive, directory: release.rootPath }))
      yield* s.step('ReleaseConfiguration', (t) => configureRelease(t, release))
      const snapshot = `${release.rootDatasetName}@p0`
      yield* s.step('ReleaseSnapshot', async (t) => {
        await t.host.removeFile({ path: archive })
        await t.host.createSnapshots({ names: [snapshot] })
        t.set({ snapshot })
      })
      yield* s.step('ReleaseCopyBase', (t) => copyBase(t, release), { unless: !base && 'not asked for' })
    },
    { ...options, identifier: release.fullName, payload: { mirror } },
  )
}

async function* downloadAssets(
  s: HostScope,
  release: ReleaseBase,
  mirror: string,
  archive: string,
): AsyncGenerator<IocEvent, void, void> {
  const manifestUrl = releaseUrl(mirror, release.name, manifestFile)
  const manifest = parseManifest(await s.host.readUrl({ url: manifestUrl }), manifestUrl)
  const expected = manifest.get(ASSET)?.sha256
  if (!expected) throw new ReleaseAssetHashesUnavailable({ source: manifestUrl, reason: `it does not name ${ASSET}` })
  const url = releaseUrl(mirror, release.name, ASSET)
  yield* s.step(
    'ReleaseAssetDownload',
    async (t) => {
      const { sha256 } = await t.host.downloadFile({ url, path: archive, sha256: expected })
      checkDigest({ release: release.name, asset: ASSET, expected, found: sha256 })
    },
    { payload: { asset: ASSET, url } },
  )
}
