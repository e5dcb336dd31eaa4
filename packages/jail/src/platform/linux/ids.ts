/** A run of user and group ids of the host. */
export interface IdRange {
  readonly first: number
  readonly count: number
}

/** Ids that each jail has: 0 to 65535 inside. */
export const idCount = 65536
/** The lowest id of the host that a jail is given. */
const lowestId = 100_000
/** (uid_t)-1 is no id, chown(2). */
const highestId = 2 ** 32 - 2

/** The lowest run of ids that is not in use; null when there is none. */
export function lowestFree(used: readonly IdRange[], first: number = lowestId): IdRange | null {
  let candidate: IdRange = { first, count: idCount }
  for (const range of [...used].sort((a, b) => a.first - b.first)) {
    if (overlap(candidate, range)) candidate = { first: range.first + range.count, count: idCount }
  }
  return candidate.first + idCount - 1 <= highestId ? candidate : null
}

function overlap(a: IdRange, b: IdRange): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count
}

/**
 * The ranges of /etc/subuid or /etc/subgid, which belong to users of the host: a jail must not meet their containers.
 * subuid(5): `user:first:count`.
 */
export function parseSubordinateIds(text: string): IdRange[] {
  const lines = text.split('\n').map((line) => /^[^#:]+:(\d+):(\d+)\s*$/.exec(line))
  return lines.flatMap((match) => (match ? [{ first: Number(match[1]), count: Number(match[2]) }] : []))
}
