import { InvalidReleaseName, UnsupportedMirror } from './errors.ts'
import { isAssetName } from './manifest.ts'

/** The file in each release's directory that names the digests of all others. */
export const manifestFile = 'MANIFEST'

/** Longest release name: it is a component of dataset names, which ZFS limits to 255 bytes in all. */
const maximumLength = 64

/** Returns `name`; throws InvalidReleaseName. A release is a directory of the mirror and a dataset of the host. */
export function checkReleaseName(name: string): string {
  const refuse = (reason: string): never => {
    throw new InvalidReleaseName({ name: name.slice(0, 120), reason })
  }
  if (name.length > maximumLength)
    return refuse(`it has ${name.length} characters, at most ${maximumLength} are allowed`)
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(name)) {
    return refuse('only letters, digits, dots and dashes are allowed, the first a letter or digit')
  }
  if (name.includes('..')) return refuse('two dots in a row are not allowed')
  return name
}

export function isReleaseName(name: string): boolean {
  try {
    return checkReleaseName(name) === name
  } catch {
    return false
  }
}

/**
 * The mirror's URL, its path ending with a slash; throws UnsupportedMirror.
 * Schemes: https, http, and file (an absolute path of this machine).
 */
export function parseMirror(mirror: string): URL {
  const refuse = (reason: string, options?: ErrorOptions): never => {
    throw new UnsupportedMirror({ mirror, reason }, options)
  }
  if (!URL.canParse(mirror)) return refuse('it is not a URL')
  const url = new URL(mirror)
  if (!['https:', 'http:', 'file:'].includes(url.protocol)) return refuse(`it has the scheme ${url.protocol}`)
  if (url.protocol === 'file:' && url.host !== '') return refuse(`it names the host ${url.host} in a file URL`)
  // fetch() refuses them too, with a less helpful error; and they would end up in events and logs.
  if (url.username !== '' || url.password !== '') {
    url.username = url.password = ''
    throw new UnsupportedMirror({ mirror: url.href, reason: 'a mirror URL cannot carry a user name or password' })
  }
  if (url.search !== '' || url.hash !== '') return refuse('it has a query or a fragment')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** `<mirror>/<release>/<file>`; `file` is `MANIFEST` or an asset. Throws UnsupportedMirror, InvalidReleaseName. */
export function releaseUrl(mirror: string, release: string, file: string): string {
  if (file !== manifestFile && !isAssetName(file)) throw new TypeError(`not a file of a release: ${file}`)
  // Both are checked to hold nothing that a URL would read as more than a name.
  return new URL(`${checkReleaseName(release)}/${file}`, parseMirror(mirror)).href
}
