import {
  ArgumentInvalid,
  CallNotSupported,
  DatasetTypeInvalid,
  NotUserNamespace,
  PlatformNotSupported,
} from '../errors.ts'
import { checkName } from '../names.ts'
import { commandFailed, commonFailure, firstLine, type Request } from './failure.ts'
import type { Program } from './run.ts'
import { commandTable } from './table.ts'

type Verb = 'zone' | 'unzone' | 'jail' | 'unjail'

/** `zfs zone` and `zfs unzone`, of Linux. */
export function* zone(
  verb: 'zone' | 'unzone',
  name: string,
  namespace: number | string,
  exists: Request['exists'],
): Program<void> {
  const request: Request = { name, asked: `${verb} "${name}"`, exists }
  yield* hand(verb, request, () => namespaceFile(namespace, request.asked))
}

/** `zfs jail` and `zfs unjail`, of FreeBSD. */
export function* jail(
  verb: 'jail' | 'unjail',
  name: string,
  target: number | string,
  exists: Request['exists'],
): Program<void> {
  const request: Request = { name, asked: `${verb} "${name}"`, exists }
  yield* hand(verb, request, () => jailName(target, request.asked))
}

function* hand(verb: Verb, request: Request, target: () => string): Program<void> {
  const { name = '', asked } = request
  const { system, since } = commandTable[verb]
  if (process.platform !== system) throw new PlatformNotSupported({ name: verb, system })
  checkName(name, 'filesystem', asked)
  const args = [verb, target(), name]
  const result = yield args
  if (result.exitCode === 0) return
  const { stderr } = result
  if (stderr.startsWith('unrecognized command')) throw new CallNotSupported({ name: `zfs ${verb}`, since, asked })
  if (stderr.includes('not a user namespace')) throw new NotUserNamespace({ name, asked, stderr })
  if (stderr.includes('not applicable to datasets of this type')) {
    throw new DatasetTypeInvalid({ name, asked, reason: 'only a filesystem can be delegated', stderr })
  }
  const missing = commonFailure(request, result)
  if (missing) throw missing
  // The dataset is there, so this is said of the namespace: it has the dataset already, or has not.
  if (stderr.includes(verb === 'zone' ? 'dataset already exists' : 'dataset does not exist')) return
  if (system === 'freebsd' && stderr.includes('jail')) {
    throw new ArgumentInvalid({ argument: 'jail', reason: `is none (${firstLine(stderr)})`, asked, stderr })
  }
  throw commandFailed(request, args, result)
}

function namespaceFile(namespace: number | string, asked: string): string {
  if (typeof namespace === 'number' && Number.isSafeInteger(namespace) && namespace > 0) {
    return `/proc/${namespace}/ns/user`
  }
  if (typeof namespace === 'string' && namespace.startsWith('/') && !namespace.includes('\0')) return namespace
  const reason = `is ${String(namespace)}, and must be a process's number or an absolute path`
  throw new ArgumentInvalid({ argument: 'namespace', asked, reason })
}

function jailName(target: number | string, asked: string): string {
  if (typeof target === 'number' && Number.isSafeInteger(target) && target > 0) return String(target)
  if (typeof target === 'string' && /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(target)) return target
  throw new ArgumentInvalid({
    argument: 'jail',
    asked,
    reason: `is ${String(target)}, and must be a jail's number or name`,
  })
}
