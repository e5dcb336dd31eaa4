import type { Command, CommandResult, LaunchParameters } from '../platform/platform.ts'
import type { World } from './world.ts'

/** What a plan makes of the effects of a platform: the same for all of them. */
export const plans = {
  createJail: ({ name }: LaunchParameters, world: World): { jid: number } => world.createJail(name),
  removeJail: ({ name }: { name: string }, world: World): void => world.removeJail(name),
  ofRunningJail: ({ name }: { name: string }, world: World): void => world.requireJail(name),
  /** A plan is what happens when all goes well: every command succeeds and says nothing. */
  execInJail: ({ name, stdio }: Command & { name: string }, world: World): CommandResult => {
    world.requireJail(name)
    return succeeded({ stdio })
  },
  execOnHost: ({ stdio }: Command): CommandResult => succeeded({ stdio }),
}

function succeeded({ stdio }: Pick<Command, 'stdio'>): CommandResult {
  const text = stdio === 'inherit' ? null : ''
  return { stdout: text, stderr: text, code: 0, signal: null }
}
