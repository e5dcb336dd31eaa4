import type { SpaceUsage } from '../calls/usage.ts'
import { DatasetTypeInvalid, OutputNotUnderstood } from '../errors.ts'
import { checkName } from '../names.ts'
import { commandFailed, commonFailure, type Request } from './failure.ts'
import type { Program } from './run.ts'

export type SpaceOf = 'userspace' | 'groupspace' | 'projectspace'

/** `zfs userspace` and its two siblings, with numbers for names. */
export function* space(verb: SpaceOf, name: string, exists: Request['exists']): Program<SpaceUsage[]> {
  const request: Request = { name, asked: `read the ${verb} of "${name}"`, exists }
  checkName(name, typeof name === 'string' && name.includes('@') ? 'snapshot' : 'filesystem', request.asked)
  // Projects have numbers only, and the option is refused for them.
  const numeric = verb === 'projectspace' ? [] : ['-n']
  const args = [verb, '-H', '-p', ...numeric, '-o', 'name,used,objused,quota,objquota', name]
  const result = yield args
  if (result.exitCode === 0) return parseSpace(result.stdout, verb, request)
  const known = commonFailure(request, result)
  if (known) throw known
  if (result.stderr.includes('not applicable to datasets of this type')) {
    throw new DatasetTypeInvalid({ name, asked: request.asked, reason: 'it is no filesystem', stderr: result.stderr })
  }
  throw commandFailed(request, args, result)
}

function parseSpace(stdout: string, verb: SpaceOf, { name, asked }: Request): SpaceUsage[] {
  const lines = stdout.split('\n').slice(0, -1)
  return lines.map((line) => {
    const columns = line.split('\t')
    const [id = '', used = '', objects = '', quota = '', objectQuota = ''] = columns
    const numbers = [used, objects, quota, objectQuota].every((each) => /^(?:\d+|-|none)$/.test(each))
    if (columns.length !== 5 || !/^\d+$/.test(id) || !numbers) {
      throw new OutputNotUnderstood({ name, asked, command: `zfs ${verb}`, line })
    }
    const [limit, objectLimit] = [amount(quota), amount(objectQuota)]
    return {
      id: Number(id),
      used: amount(used),
      objects: amount(objects),
      ...(limit > 0n && { quota: limit }),
      ...(objectLimit > 0n && { objectQuota: objectLimit }),
    }
  })
}

/** A dash is what was never counted or set. */
function amount(text: string): bigint {
  return /^\d+$/.test(text) ? BigInt(text) : 0n
}
