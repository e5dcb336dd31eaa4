import type { Operation } from '@gaoler/core'
import { requireSettable } from '../config/honoured.ts'
import type { PropertyInput } from '../config/properties/index.ts'
import type { CommandResult } from '../platform/platform.ts'
import type { JailBase } from './jail-base.ts'
import { type StartOptions, startSteps } from './start.ts'

export interface ForkExecOptions extends Omit<StartOptions, 'singleCommand' | 'quick'> {
  /** Properties for this one time; the jail's own configuration stays as it is. */
  readonly config?: PropertyInput
}

/** Starts a stopped jail for one command line and takes it away again. Another status than 0 is a JailCommandFailed. */
export function forkExec(jail: JailBase, command: string, options: ForkExecOptions = {}): Operation<CommandResult> {
  const { config = {}, ...others } = options
  return jail.host.operation(
    'JailStart',
    async function* (s) {
      s.use(jail.lock('command'))
      jail.requireJailExisting()
      jail.requireJailStopped()
      const fork = jail.on(jail.host)
      requireSettable(fork.config, fork.config.setAll(config), jail.host.platform)
      const started = yield* startSteps(s, fork, { ...others, singleCommand: command })
      return started.command as CommandResult
    },
    { ...options, identifier: jail.fullName },
  )
}
