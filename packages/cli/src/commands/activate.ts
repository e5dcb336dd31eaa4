import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

type Flags = HostFlags & { readonly mountpoint?: string }

export const activate: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: Flags, pool: string) {
    const { mountpoint } = flags
    await session(this, flags, ({ host, run }) => run((options) => host.activate(pool, { ...options, mountpoint })))
  },
  parameters: {
    flags: {
      ...hostFlags,
      mountpoint: { kind: 'parsed', parse: String, optional: true, brief: 'Where the root dataset is to be mounted' },
    },
    positional: { kind: 'tuple', parameters: [{ brief: 'Name of a pool', parse: String, placeholder: 'pool' }] },
  },
  docs: { brief: 'Choose the pool that holds jails and releases' },
})
