import { UsageError } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

type Flags = HostFlags & { readonly release: string }

export const create: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: Flags, name: string, ...settings: string[]) {
    await session(this, flags, async ({ host, run }) => {
      const jail = new JailGenerator(name, { host })
      await run((options) =>
        jail.create(flags.release, { ...options, properties: Object.fromEntries(settings.map(parseSetting)) }),
      )
    })
  },
  parameters: {
    flags: {
      ...hostFlags,
      release: { kind: 'parsed', parse: String, brief: 'Name of a fetched release' },
    },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { brief: 'Name of the jail, then its properties', parse: String, placeholder: 'name|property=value' },
    },
    aliases: { r: 'release' },
  },
  docs: { brief: 'Create a jail from a fetched release: ioc create -r RELEASE NAME [PROPERTY=VALUE …]' },
})

function parseSetting(setting: string): [name: string, value: string] {
  const at = setting.indexOf('=')
  if (at < 1) throw new UsageError(`${JSON.stringify(setting)} is not PROPERTY=VALUE: write it like host_hostname=www`)
  return [setting.slice(0, at), setting.slice(at + 1)]
}
