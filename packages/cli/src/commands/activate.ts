import { Host } from '@gaoler/jail'
import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

export const activate: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: HostFlags, pool: string) {
    await session(
      this,
      flags,
      async ({ host, print }) => print(`${pool} is active: jails live in ${host.datasets.name}`),
      (options) => Host.activate(pool, options),
    )
  },
  parameters: {
    flags: hostFlags,
    positional: { kind: 'tuple', parameters: [{ brief: 'Name of a pool', parse: String, placeholder: 'pool' }] },
  },
  docs: { brief: 'Choose the pool that holds jails and releases' },
})
