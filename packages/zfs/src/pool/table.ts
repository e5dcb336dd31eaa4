import type { CommandCall } from '../command/table.ts'
import type { PoolCommands } from './pools.ts'

type PoolCall = Omit<CommandCall, 'system' | 'marker'>

const of = (command: string, privilege: PoolCall['privilege'] = 'root', since = '2.0'): PoolCall => {
  return { command, since, privilege }
}

/** Every call of pools, as docs/status.md lists them. */
export const poolTable: Readonly<Record<keyof PoolCommands | 'iostat' | 'events', PoolCall>> = {
  list: of('zpool get', 'any'),
  get: of('zpool get', 'any'),
  set: of('zpool set'),
  status: of('zpool status -j', 'any', '2.3'),
  create: of('zpool create'),
  destroy: of('zpool destroy'),
  importable: of("devices' labels"),
  import: of('zpool import'),
  export: of('zpool export'),
  add: of('zpool add'),
  attach: of('zpool attach'),
  detach: of('zpool detach'),
  replace: of('zpool replace'),
  remove: of('zpool remove'),
  cancelRemove: of('zpool remove -s'),
  split: of('zpool split'),
  online: of('zpool online'),
  offline: of('zpool offline'),
  clear: of('zpool clear'),
  upgrade: of('zpool upgrade'),
  scrub: of('zpool scrub'),
  trim: of('zpool trim'),
  initialize: of('zpool initialize'),
  history: of('zpool_get_history'),
  iostat: of('zpool iostat', 'any'),
  events: of('zpool_events_next'),
}
