import type { Program } from '../command/run.ts'

/** What the command of this machine can do, found out once. */
export interface Ability {
  /** Whether `-j` is known: OpenZFS 2.3 and newer. */
  json?: boolean
}

/** Asked by an option that older versions refuse (status 2), rather than by a version's number. */
export function* knowsJson(ability: Ability): Program<boolean> {
  if (ability.json !== undefined) return ability.json
  const { exitCode, stdout } = yield ['version', '-j']
  const known = exitCode === 0 && stdout.startsWith('{')
  // Any other failure says nothing: of a module that is not loaded, the next command tells.
  if (known || exitCode === 2) ability.json = known
  return known
}
