import type { Kind, ParentsOf } from './kind.ts'

/** What happens around other operations. */
export interface ControlEvents {
  /** An operation is tried again when it fails; `attempt` is the one that runs or was the last, from 1. */
  Retry: Kind<'IocEvent', { attempt?: number; attempts?: number }>
  /** An operation has a limit of time, in milliseconds. */
  TimeLimit: Kind<'IocEvent', { limit?: number }>
}

export const controlEvents: ParentsOf<ControlEvents> = {
  Retry: 'IocEvent',
  TimeLimit: 'IocEvent',
}
