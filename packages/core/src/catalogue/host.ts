import type { Kind, ParentsOf } from './kind.ts'

/** What happens to a host; `identifier` is the pool, where it is about one. */
export interface HostEvents {
  /** Base of what happens to a host. */
  HostEvent: Kind<'IocEvent', { pool?: string }>
  /** A pool becomes the one that holds jails. */
  HostActivate: Kind<'HostEvent'>
  /** No pool holds jails any more. */
  HostDeactivate: Kind<'HostEvent'>
  /** What dead processes have left half-done is undone, or completed. */
  HostRecover: Kind<'HostEvent'>
  /** The same for one operation: `operation` is its kind, `about` its identifier, `journal` the file that says what it did. */
  OperationRecover: Kind<'HostRecover', { operation?: string; about?: string | null; journal?: string }>
}

export const hostEvents: ParentsOf<HostEvents> = {
  HostEvent: 'IocEvent',
  HostActivate: 'HostEvent',
  HostDeactivate: 'HostEvent',
  HostRecover: 'HostEvent',
  OperationRecover: 'HostRecover',
}
