import type { Delegate, DelegationScope } from '../calls/delegation.ts'
import { ArgumentInvalid } from '../errors.ts'
import { checkName } from '../names.ts'
import { commandFailed, commonFailure, type Request } from './failure.ts'
import type { Program } from './run.ts'

const scopes: Readonly<Record<DelegationScope, string>> = { local: '-l', descendent: '-d' }
/** The highest number of a user or group; the one above it means none. */
const MOST_ID = 2 ** 32 - 2
/** A set or a permission: so narrow that no list of them can be taken for anything else. */
export const permissionName: RegExp = /^(?:@[A-Za-z0-9_.:-]+|[a-z][a-z0-9_-]*)$/
const setName = /^@[A-Za-z0-9_.:-]{1,63}$/

interface Options {
  readonly scope?: DelegationScope | undefined
  readonly recursive?: boolean | undefined
}

/** `zfs allow`, to give permissions. */
export function* allow(
  name: string,
  to: Delegate,
  permissions: readonly string[],
  options: Options,
  exists: Request['exists'],
): Program<void> {
  const request: Request = { name, asked: `give permissions on "${name}"`, exists }
  checkName(name, 'filesystem', request.asked)
  if (permissions === undefined) throw refused('permissions', 'are missing', request)
  const words = [...scopeOf(to, options.scope, request), ...recipient(to, request), joined(permissions, request)]
  yield* change(request, ['allow', ...words, name])
}

/** `zfs unallow`. */
export function* unallow(
  name: string,
  to: Delegate,
  permissions: readonly string[] | undefined,
  { scope, recursive = false }: Options,
  exists: Request['exists'],
): Program<void> {
  const request: Request = { name, asked: `take permissions on "${name}" back`, exists }
  checkName(name, 'filesystem', request.asked)
  const words = [...(recursive ? ['-r'] : []), ...scopeOf(to, scope, request), ...recipient(to, request)]
  const which = permissions === undefined ? [] : [joined(permissions, request)]
  yield* change(request, ['unallow', ...words, ...which, name])
}

function* change(request: Request, args: readonly string[]): Program<void> {
  const result = yield args
  const { stdout, stderr, exitCode } = result
  // Of a user whom nobody knows the command shows its help, says so, on either stream, and ends with 0.
  const [, unknown] = /^(?:zfs: error: )?(invalid (?:user|group).*)/m.exec(`${stdout}\n${stderr}`) ?? []
  if (exitCode === 0 && unknown === undefined) return
  if (unknown !== undefined) throw refused('to', `names nobody here (${unknown})`, request)
  const known = commonFailure(request, result)
  if (known) throw known
  // It is a filesystem or volume that exists: this is how the kernel calls an unknown permission.
  if (/invalid|not applicable/.test(stderr)) throw refused('a permission', 'is none of zfs-allow(8)', request, stderr)
  throw commandFailed(request, args, result)
}

function refused(argument: string, reason: string, { name, asked }: Request, stderr?: string): ArgumentInvalid {
  return new ArgumentInvalid({ name, argument, reason, asked, stderr })
}

function scopeOf(to: Delegate, scope: DelegationScope | undefined, request: Request): string[] {
  if (scope === undefined) return []
  if (!Object.hasOwn(scopes, scope)) throw refused('scope', 'must be local or descendent', request)
  if (to === 'creator' || (typeof to === 'object' && to !== null && 'set' in to)) {
    throw refused('scope', 'is only for users, groups and everyone', request)
  }
  return [scopes[scope]]
}

function recipient(to: Delegate, request: Request): string[] {
  if (to === 'everyone') return ['-e']
  if (to === 'creator') return ['-c']
  const [[kind, value] = [], ...more] = typeof to === 'object' && to !== null ? Object.entries(to) : []
  if (more.length === 0 && kind === 'set') {
    if (typeof value === 'string' && setName.test(value)) return ['-s', value]
    throw refused('a set', 'is written like @name', request)
  }
  if (more.length === 0 && (kind === 'user' || kind === 'group') && isAccount(value))
    return [`-${kind[0]}`, String(value)]
  throw refused('to', "must be one user, group, set, 'everyone' or 'creator'", request)
}

/** A number, or a name that the command reads as one name, as no number (it knows octal ones) and as no option. */
function isAccount(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= MOST_ID
  return typeof value === 'string' && /^[A-Za-z_][^,\p{Cc}\p{Cs}]{0,254}$/u.test(value)
}

function joined(permissions: readonly string[], request: Request): string {
  const valid = Array.isArray(permissions) && permissions.length > 0
  if (!valid) throw refused('permissions', 'must be a list with at least one', request)
  const wrong = permissions.find((each) => typeof each !== 'string' || !permissionName.test(each))
  if (wrong !== undefined)
    throw refused('a permission', `is "${String(wrong)}", which is none of zfs-allow(8)`, request)
  return permissions.join(',')
}
