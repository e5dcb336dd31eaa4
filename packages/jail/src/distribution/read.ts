import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readText } from '../release/download.ts'
import { ReleaseListUnavailable } from '../release/errors.ts'
import { isReleaseName, parseMirror } from '../release/mirror.ts'

/** The most of a page that is read, in bytes: both pages have some ten thousand. */
const LONGEST = 4 << 20

/** Folders of a mirror that are no releases. */
const OTHERS = new Set(['ISO-IMAGES', 'VM-IMAGES', 'CI-IMAGES', 'OCI-IMAGES'])

/** Names of the releases of a mirror, the oldest first. Throws UnsupportedMirror, ReleaseListUnavailable, DownloadFailed. */
export async function readReleases(mirror: string, signal?: AbortSignal): Promise<string[]> {
  const url = parseMirror(mirror)
  const names = url.protocol === 'file:' ? await readFolder(url) : folderLinks(await readPage(url.href, signal))
  return names.filter((name) => isReleaseName(name) && !OTHERS.has(name)).sort(byVersion)
}

/** Names of the releases that get no more updates, from the cells of FreeBSD's table. Throws DownloadFailed. */
export async function readEol(url: string, signal?: AbortSignal): Promise<string[]> {
  const cells = [...(await readPage(url, signal)).matchAll(/<td[^>]*>([^<]{1,64})/g)].map(([, text = '']) =>
    text.trim(),
  )
  const branches = cells
    .flatMap((cell) => /^stable\/(\d[\d.]*)$/.exec(cell)?.[1] ?? [])
    .map((branch) => `${branch}-STABLE`)
  const releases = cells.filter((cell) => /^\d+(?:\.\d+)+(?:-RELEASE)?$/.test(cell))
  const named = releases.map((cell) => (cell.endsWith('-RELEASE') ? cell : `${cell}-RELEASE`))
  return [...new Set([...branches, ...named])]
}

async function readFolder(url: URL): Promise<string[]> {
  try {
    const entries = await readdir(fileURLToPath(url), { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (cause) {
    throw new ReleaseListUnavailable({ source: url.href, reason: (cause as Error).message }, { cause })
  }
}

async function readPage(url: string, signal?: AbortSignal): Promise<string> {
  return readText(url, { signal, limit: LONGEST })
}

/** Servers write the link of a folder with a slash at its end, whatever else their page looks like. */
function folderLinks(page: string): string[] {
  return [...new Set([...page.matchAll(/href="([^"/?#]{1,64})\/"/g)].map(([, name = '']) => name))]
}

function byVersion(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => (/^\d/.test(name) ? Number.parseFloat(name) : 1024)) as [number, number]
  return first - second || (a < b ? -1 : 1)
}
