import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

export const deactivate: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: HostFlags) {
    await session(this, flags, ({ host, run }) => run((options) => host.deactivate(options)))
  },
  parameters: { flags: hostFlags },
  docs: { brief: 'Let no pool hold jails; nothing is taken away' },
})
