import { isUuid } from '../config/name.ts'
import type { HostBase } from '../host/host-base.ts'
import { isSourceName } from '../host/sources.ts'
import { ConflictingResourceSelection } from '../storage/errors.ts'
import { childrenOfSync } from './children.ts'

/** Where a jail or release is: the source, and the last component of its dataset's name. */
export interface Place {
  readonly source: string
  readonly name: string
}

/** The beginning of a UUID that stands for it. */
const SHORT = /^[0-9a-f]{8}$/i

/** Whether a text may stand for a UUID, so that its jail must be looked for. */
export function isShortUuid(text: string): boolean {
  return SHORT.test(text)
}

/**
 * Looks for what `text` names in one source or in all: a name, or with `short` the first eight characters of a UUID.
 * Null when there is none. Throws ConflictingResourceSelection, which lists each as SOURCE/NAME.
 */
export function locate(
  host: HostBase,
  namespace: 'jails' | 'releases',
  text: string,
  source: string | undefined,
  short = false,
): Place | null {
  const sources = source === undefined ? host.datasets.names : [source]
  const folder = (name: string): string => host.datasets.getRootSource(name)[namespace]
  let found = sources
    .filter((name) => host.zfs.existsSync(`${folder(name)}/${text}`))
    .map((at) => ({ source: at, name: text }))
  if (found.length === 0 && short) {
    found = sources.flatMap((at) =>
      childrenOfSync(host.zfs, folder(at))
        .filter((name) => isUuid(name) && name.toLowerCase().startsWith(text.toLowerCase()))
        .map((name) => ({ source: at, name })),
    )
  }
  if (found.length > 1) {
    throw new ConflictingResourceSelection({ name: text, sources: found.map((at) => `${at.source}/${at.name}`) })
  }
  return found[0] ?? null
}

/** `SOURCE/NAME` as its parts; what does not begin with the name of a source is a name as it stands. */
export function splitSource(text: string): { source: string | undefined; name: string } {
  const [, source, name] = (typeof text === 'string' && /^([A-Za-z0-9_-]+)\/(.*)$/s.exec(text)) || []
  return source !== undefined && name !== undefined && isSourceName(source)
    ? { source, name }
    : { source: undefined, name: text }
}
