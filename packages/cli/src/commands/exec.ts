import { constants } from 'node:os'
import { drain } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

export const exec: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: HostFlags, name: string, ...argv: string[]) {
    const { process } = this
    await session(this, flags, async ({ host, run, ended }) => {
      const jail = new JailGenerator(name, { host })
      // The command's own terminal, output and exit status, unless events were asked for.
      const result = flags.json
        ? await run((options) => jail.exec(argv, options))
        : await drain(jail.exec(argv, { passthru: true, signal: ended }))
      process.exitCode =
        result.code ?? 128 + (result.signal === null ? 0 : constants.signals[result.signal as NodeJS.Signals])
    })
  },
  parameters: {
    flags: hostFlags,
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: {
        brief: 'The jail, then a program and its arguments (after -- if they begin with a dash)',
        parse: String,
        placeholder: 'jail|argument',
      },
    },
  },
  docs: { brief: 'Run a program in a running jail: ioc exec NAME [--] PROGRAM [ARGUMENT …]' },
})
