import type { Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { jailsCommand } from './jails.ts'

export const destroy: Command<CliContext> = jailsCommand<{ force: boolean }>(
  'Destroy jails with their datasets; what others depend on is refused',
  { force: { kind: 'boolean', default: false, brief: 'Stop a running jail first' } },
  (jail, { run }, { force }) => run((options) => jail.destroy({ ...options, forceStop: force })),
)
