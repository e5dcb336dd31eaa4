import { checkName } from '../names.ts'
import { commandFailed, commonFailure, type Request } from './failure.ts'
import type { Program } from './run.ts'

/** `zfs receive -A`. */
export function* abortReceive(name: string, exists: Request['exists']): Program<void> {
  const request: Request = { name, asked: `abort the receive of "${name}"`, exists }
  checkName(name, 'filesystem', request.asked)
  const args = ['receive', '-A', name]
  const result = yield args
  if (result.exitCode === 0) return
  const known = commonFailure(request, result)
  if (known) throw known
  if (!result.stderr.includes('does not have any resumable receive state')) throw commandFailed(request, args, result)
}
