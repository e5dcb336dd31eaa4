import type { Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { jailsCommand } from './jails.ts'

export const stop: Command<CliContext> = jailsCommand<{ force: boolean }>(
  'Stop jails',
  { force: { kind: 'boolean', default: false, brief: 'Also clean up after a jail that is not running' } },
  (jail, { run }, { force }) => run((options) => jail.stop({ ...options, force })),
)
