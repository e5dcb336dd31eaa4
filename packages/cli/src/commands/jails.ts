import { JailGenerator } from '@gaoler/jail'
import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { type HostFlags, hostFlags, type Session, session } from '../session.ts'

/** A command that does the same to every jail it is given, one after the other. */
export function jailsCommand<F extends object>(
  brief: string,
  flags: Record<string, unknown>,
  each: (jail: JailGenerator, session: Session, flags: F) => Promise<unknown>,
): Command<CliContext> {
  return buildCommand({
    async func(this: CliContext, given: HostFlags & F, ...names: string[]) {
      await session(this, given, async (open) => {
        // All names are checked before the first jail is touched.
        const jails = names.map((name) => new JailGenerator(name, { host: open.host }))
        for (const jail of jails) await each(jail, open, given)
      })
    },
    parameters: {
      flags: { ...hostFlags, ...flags } as never,
      positional: {
        kind: 'array',
        minimum: 1,
        parameter: { brief: 'Names of jails', parse: String, placeholder: 'jail' },
      },
    },
    docs: { brief },
  })
}
