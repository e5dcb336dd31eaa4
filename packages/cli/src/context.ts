import type { CommandContext } from '@stricli/core'

/** What the command takes from its process, so that a test can give it another. */
export interface CliContext extends CommandContext {
  readonly process: NodeJS.Process
}
