import {
  BadHoldCleanupFD,
  FilesystemNotFound,
  HoldExists,
  HoldFailure,
  HoldReleaseFailure,
  PoolNotFound,
  SnapshotNotFound,
  type ZFSError,
} from '../../errors.ts'
import { snapshotErrors, tagErrors } from '../../lzc/checks.ts'
import { checkName, filesystemOf, poolOf } from '../../names.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { discardIfDeferred } from './destroy.ts'
import { several } from './several.ts'

/** All or nothing; snapshots that do not exist are returned. */
export function* hold(
  store: Store,
  holds: Readonly<Record<string, string>>,
  { cleanupFd }: { cleanupFd?: number } = {},
): Steps<string[]> {
  const names = Object.keys(holds)
  if (names.length === 0) return []
  const asked = several('hold the snapshot', names)
  const errors = [...snapshotErrors(names), ...tagErrors(Object.values(holds))]
  if (errors.length > 0) throw new HoldFailure({ asked, errors })
  // There is no /dev/zfs whose descriptor it could be.
  if (cleanupFd !== undefined) throw new HoldFailure({ asked, errors: [new BadHoldCleanupFD({ cleanupFd })] })
  return yield* store.transact(({ draft }) => {
    const now = Math.floor(Date.now() / 1000)
    const [first = ''] = names
    if (!draft.hasPool(first)) {
      throw new HoldFailure({ asked, errors: [new FilesystemNotFound({ name: filesystemOf(first) })] })
    }
    const missing: string[] = []
    const clashes: ZFSError[] = []
    for (const [name, tag] of Object.entries(holds)) {
      const found = draft.snapshot(name)
      if (!found) missing.push(name)
      else if (found.snapshot.holds.some(([other]) => other === tag)) clashes.push(new HoldExists({ name }))
      else draft.putSnapshot(found, { ...found.snapshot, holds: [...found.snapshot.holds, [tag, now]] })
    }
    if (clashes.length > 0) throw new HoldFailure({ asked, errors: clashes })
    return missing
  })
}

/** What does not exist is returned: `snapshot`, or `snapshot#tag`. A marked snapshot goes with its last hold. */
export function* release(store: Store, holds: Readonly<Record<string, readonly string[]>>): Steps<string[]> {
  const names = Object.keys(holds)
  if (Object.values(holds).every((tags) => tags.length === 0)) return []
  const asked = several('release holds of the snapshot', names)
  const errors = [...snapshotErrors(names), ...tagErrors(Object.values(holds).flat())]
  if (errors.length > 0) throw new HoldReleaseFailure({ asked, errors })
  return yield* store.transact((transaction) => {
    const { draft } = transaction
    const pool = poolOf(names[0] as string)
    if (!draft.hasPool(pool)) throw new HoldReleaseFailure({ asked, errors: [new PoolNotFound({ name: pool })] })
    const missing: string[] = []
    for (const [name, tags] of Object.entries(holds)) {
      const found = draft.snapshot(name)
      if (!found) {
        missing.push(name)
        continue
      }
      const held = found.snapshot.holds
      missing.push(...tags.filter((tag) => !held.some(([other]) => other === tag)).map((tag) => `${name}#${tag}`))
      const rest = { ...found.snapshot, holds: held.filter(([tag]) => !tags.includes(tag)) }
      if (rest.holds.length === held.length) continue
      draft.putSnapshot(found, rest)
      discardIfDeferred(store, transaction, { dataset: found.dataset, snapshot: rest })
    }
    return missing
  })
}

export function* getHolds(store: Store, name: string): Steps<Record<string, bigint>> {
  const asked = `read the holds of "${name}"`
  checkName(name, 'snapshot', asked)
  const found = (yield* store.read()).snapshot(name)
  if (!found) throw new SnapshotNotFound({ name, asked })
  return Object.fromEntries(found.snapshot.holds.map(([tag, since]) => [tag, BigInt(since)]))
}
