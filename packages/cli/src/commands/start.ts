import type { Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { jailsCommand } from './jails.ts'

export const start: Command<CliContext> = jailsCommand('Start jails', {}, (jail, { run }) =>
  run((options) => jail.start(options)),
)
