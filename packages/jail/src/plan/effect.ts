import type { Effect } from '@gaoler/core'
import type { World } from './world.ts'

/**
 * An effect of hosts: a query, or a change that says what a plan makes of it.
 * A change that no query of a verb could notice says `plan: unseen`.
 */
export type HostEffect<A extends object, R> = Effect<A, R> &
  ({ readonly query: true } | { plan(args: A, world: World): R })

/** Changes nothing that is asked for. */
export function unseen(): void {}
