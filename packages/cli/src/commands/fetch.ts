import { ReleaseGenerator } from '@gaoler/jail'
import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

type Flags = HostFlags & { readonly mirror?: string }

export const fetch: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: Flags, name: string) {
    await session(this, flags, async ({ host, run }) => {
      const release = new ReleaseGenerator(name, { host })
      await run((options) => release.fetch({ ...options, mirror: flags.mirror }))
    })
  },
  parameters: {
    flags: {
      ...hostFlags,
      mirror: { kind: 'parsed', parse: String, optional: true, brief: "https, http or file URL; default: FreeBSD's" },
    },
    positional: { kind: 'tuple', parameters: [{ brief: 'Name of a release', parse: String, placeholder: 'release' }] },
  },
  docs: { brief: 'Download, verify and unpack a release' },
})
