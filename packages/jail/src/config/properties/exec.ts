import { userName } from '../values/identity.ts'
import { words } from '../values/lists.ts'
import { bit, integer, text } from '../values/scalars.ts'
import { everywhere, except, nowhere, type PropertyRows } from './row.ts'

/** Commands at start and stop, and how commands are run. */
export interface ExecProperties {
  exec_prestart: string | null
  exec_created: string | null
  exec_start: string | null
  exec_poststart: string | null
  exec_prestop: string | null
  exec_stop: string | null
  exec_poststop: string | null
  exec_timeout: number
  stop_timeout: number
  exec_clean: boolean
  exec_jail_user: string | null
  exec_fib: number
  exec_ready: string | null
  ready_timeout: number
  login_flags: readonly string[]
}

const hook = { type: text, default: null, honouredBy: everywhere }

export const execProperties: PropertyRows<ExecProperties> = {
  exec_prestart: { ...hook, about: 'host command before the jail is created', applied: 'JailHookPrestart' },
  exec_created: { ...hook, about: 'host command after the kernel has the jail', applied: 'JailHookCreated' },
  exec_start: {
    ...hook,
    default: '/bin/sh /etc/rc',
    about: 'command in the jail that starts it',
    applied: 'JailHookStart',
  },
  exec_poststart: { ...hook, about: 'host command after `exec_start`', applied: 'JailHookPoststart' },
  exec_prestop: { ...hook, about: 'host command before the jail is stopped', applied: 'JailHookPrestop' },
  exec_stop: {
    ...hook,
    default: '/bin/sh /etc/rc.shutdown',
    about: 'command in the jail that stops it',
    applied: 'JailHookStop',
  },
  exec_poststop: { ...hook, about: 'host command after the jail is gone', applied: 'JailHookPoststop' },
  exec_timeout: {
    type: integer(),
    default: 600,
    about: 'seconds that a hook may take; 0: no limit',
    applied: 'every hook but `exec_stop`',
    honouredBy: everywhere,
  },
  stop_timeout: {
    type: integer(),
    default: 30,
    about: 'seconds that `exec_stop` may take; 0: no limit',
    applied: 'JailHookStop',
    honouredBy: everywhere,
  },
  exec_clean: {
    type: bit,
    default: true,
    about: "hooks do not see the caller's environment",
    applied: 'every hook',
    honouredBy: everywhere,
  },
  exec_jail_user: {
    type: userName,
    default: 'root',
    about: 'the user in the jail that `exec_start` and `exec_stop` run as',
    applied: 'JailHookStart, JailHookStop',
    neutral: ['none'],
    honouredBy: except({ embedded: 'on the embedded platform every command runs as the user who asks for it' }),
  },
  exec_fib: {
    type: integer({ to: 65_535 }),
    default: 0,
    about: 'the routing table that commands run with (setfib(1))',
    applied: 'every hook',
    honouredBy: nowhere('routing tables are not chosen yet'),
  },
  exec_ready: {
    ...hook,
    about: 'command in the jail that must exit with 0 before jails that depend on it are started',
    applied: 'JailReady',
  },
  ready_timeout: {
    type: integer(),
    default: 60,
    about: 'seconds that `exec_ready` is tried; 0: no limit',
    applied: 'JailReady',
    honouredBy: everywhere,
  },
  login_flags: {
    type: words,
    default: Object.freeze(['-f', 'root']),
    about: 'arguments of login(1) on the console',
    applied: 'console',
    honouredBy: everywhere,
  },
}
