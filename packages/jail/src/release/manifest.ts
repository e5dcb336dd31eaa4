import { ReleaseAssetHashesUnavailable } from './errors.ts'

/** One line of a MANIFEST: a file of the release and what it must be. */
export interface ReleaseAsset {
  /** File name on the mirror, for example `base.txz`. */
  readonly file: string
  /** SHA-256 of the file, 64 digits in lower case. */
  readonly sha256: string
  /** Number of entries in the archive. */
  readonly entries: number
  /** Name of the distribution set, for example `base`. */
  readonly set: string
  readonly description: string
  /** Whether FreeBSD's installer selects it by itself. */
  readonly default: boolean
}

const fileName = /^[A-Za-z0-9._-]+\.txz$/

/** Whether `file` can be the name of an asset: it is joined to URLs and paths, so it must be one plain component. */
export function isAssetName(file: string): boolean {
  return fileName.test(file) && !file.startsWith('-') && !file.includes('..')
}

/**
 * The assets of a release by file name.
 *
 * The format is what FreeBSD's release/scripts/make-manifest.sh writes: six fields separated by tabs (file, SHA-256,
 * number of entries, set, description in double quotes, `on` or `off`).
 * `source` names the text in errors. Throws ReleaseAssetHashesUnavailable for the first line that differs.
 */
export function parseManifest(text: string, source: string): Map<string, ReleaseAsset> {
  const assets = new Map<string, ReleaseAsset>()
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 0) throw new ReleaseAssetHashesUnavailable({ source, reason: 'it is empty' })
  for (const [index, line] of lines.entries()) {
    const refuse = (reason: string, found: string): never => {
      // A mirror that answers with a page of HTML must not fill the log with it.
      throw new ReleaseAssetHashesUnavailable({ source, line: index + 1, reason, found: found.slice(0, 120) })
    }
    const fields = line.split('\t')
    const [file, sha256, entries, set, description, selected] = fields as [string, ...string[]]
    if (fields.length !== 6) return refuse(`expected 6 fields separated by tabs, not ${fields.length}`, line)
    if (!isAssetName(file)) return refuse('expected the name of a .txz file', file)
    if (assets.has(file)) return refuse('the same file a second time', file)
    if (!/^[0-9a-f]{64}$/.test(sha256 ?? '')) return refuse('expected a SHA-256 in lower case', sha256 ?? '')
    if (!/^\d{1,9}$/.test(entries ?? '')) return refuse('expected a number of entries', entries ?? '')
    if (!/^[A-Za-z0-9._-]+$/.test(set ?? '')) return refuse('expected the name of a set', set ?? '')
    if (selected !== 'on' && selected !== 'off') return refuse('expected on or off', selected ?? '')
    assets.set(file, {
      file,
      sha256: sha256 as string,
      entries: Number(entries),
      set: set as string,
      description: (description ?? '').replace(/^"(.*)"$/, '$1'),
      default: selected === 'on',
    })
  }
  return assets
}
