import type { PoolActivity } from '../calls/pools.ts'
import { ArgumentInvalid, FilesystemNotFound, PoolNotFound } from '../errors.ts'
import { checkName } from '../names.ts'
import { checkPool, numberOf, unsigned } from './checks.ts'
import type { LzcTable } from './table.ts'

/** zpool_wait_activity_t of sys/fs/zfs.h. */
const activities: Readonly<Record<PoolActivity, number>> = {
  checkpoint_discard: 0,
  free: 1,
  initialize: 2,
  replace: 3,
  remove: 4,
  resilver: 5,
  scrub: 6,
  trim: 7,
  raidz_expand: 8,
}

/** zfs_wait_activity_t. */
const filesystemActivities = { deleteq: 0 } as const

const askedOf = (name: string, activity: string): string => `wait for "${activity}" of "${name}"`

/** Calls that end when something else has. */
export const waitCalls: Pick<LzcTable, 'wait' | 'waitTag' | 'waitFs'> = {
  wait: {
    symbol: 'lzc_wait',
    since: '2.0',
    privilege: 'any',
    long: true,
    parameters: ['text', 'int', 'outBoolean'],
    asked: askedOf,
    input: (pool, activity) => {
      const asked = askedOf(pool, activity)
      checkPool(pool, asked)
      return [pool, numberOf(activities, activity, 'the activity', asked)]
    },
    output: ([waited]) => waited as boolean,
    errors: { ENOENT: (_, name) => [PoolNotFound, { name }] },
  },

  waitTag: {
    symbol: 'lzc_wait_tag',
    since: '2.0',
    privilege: 'any',
    long: true,
    parameters: ['text', 'int', 'u64', 'outBoolean'],
    asked: askedOf,
    input: (pool, activity, tag) => {
      const asked = askedOf(pool, activity)
      checkPool(pool, asked)
      const number = numberOf(activities, activity, 'the activity', asked)
      return [pool, number, unsigned(tag, 'the tag', asked)]
    },
    output: ([waited]) => waited as boolean,
    errors: {
      ENOENT: (_, name) => [PoolNotFound, { name }],
      EINVAL: () => [
        ArgumentInvalid,
        { argument: 'the tag', reason: 'must be the guid of a vdev, and the activity "initialize" or "trim"' },
      ],
    },
  },

  waitFs: {
    symbol: 'lzc_wait_fs',
    since: '2.0',
    privilege: 'any',
    long: true,
    parameters: ['text', 'int', 'outBoolean'],
    asked: askedOf,
    input: (name, activity) => {
      const asked = askedOf(name, activity)
      checkName(name, 'filesystem', asked)
      return [name, numberOf(filesystemActivities, activity, 'the activity', asked)]
    },
    output: ([waited]) => waited as boolean,
    errors: { ENOENT: (_, name) => [FilesystemNotFound, { name }] },
  },
}
