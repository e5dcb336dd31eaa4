import { isUtf8 } from 'node:buffer'
import type { DiffChange, FileKind } from '../calls/usage.ts'
import {
  FilesystemNotFound,
  OutputNotUnderstood,
  PermissionDenied,
  PropertyInvalid,
  SnapshotMismatch,
  SnapshotNotFound,
} from '../errors.ts'
import { checkName, isSnapshotName } from '../names.ts'
import { commandFailed, commonFailure, type Request } from './failure.ts'
import type { Program } from './run.ts'

const changes: Readonly<Record<string, DiffChange['change']>> = {
  __proto__: null as never,
  '+': 'added',
  '-': 'removed',
  M: 'modified',
  R: 'renamed',
}
/** get_what() of lib/libzfs/libzfs_diff.c. */
const kinds: Readonly<Record<string, FileKind>> = {
  __proto__: null as never,
  F: 'file',
  '/': 'directory',
  '@': 'symlink',
  '|': 'fifo',
  '=': 'socket',
  B: 'block',
  C: 'character',
  '>': 'door',
  P: 'port',
  '?': 'unknown',
}

/** `zfs diff`. */
export function* diff(from: string, to: string | undefined, exists: Request['exists']): Program<DiffChange[]> {
  const asked = `compare "${from}"${to === undefined ? '' : ` with "${to}"`}`
  const request: Request = { name: from, asked, exists }
  checkName(from, 'snapshot', asked)
  if (to !== undefined) checkName(to, typeof to === 'string' && to.includes('@') ? 'snapshot' : 'filesystem', asked)
  const args = ['diff', '-H', '-F', '-t', from, ...(to === undefined ? [] : [to])]
  const result = yield args
  const { stdout, stderr, exitCode } = result
  if (exitCode === 0) return parseDiff(stdout, request)
  const known = commonFailure(request, result)
  if (known) throw known
  if (to !== undefined && !exists(to)) {
    throw new (isSnapshotName(to) ? SnapshotNotFound : FilesystemNotFound)({ name: to, asked, stderr })
  }
  if (stderr.includes('permission is needed')) throw new PermissionDenied({ name: from, asked, stderr })
  if (stderr.includes('Not an earlier snapshot')) throw new SnapshotMismatch({ name: to ?? from, asked, stderr })
  if (stderr.includes('unmounted')) {
    throw new PropertyInvalid({ name: from, asked, property: 'mounted', reason: 'its filesystem must be', stderr })
  }
  throw commandFailed(request, args, result)
}

/** Exported for its test. Throws OutputNotUnderstood. */
export function parseDiff(stdout: string, { name, asked }: Omit<Request, 'exists'>): DiffChange[] {
  return stdout.split('\n').slice(0, -1).map((line) => {
    const [time = '', sign = '', letter = '', path = '', more, ...rest] = line.split('\t')
    const [, seconds, nanoseconds] = /^ *(-?\d+)\.(\d{9})$/.exec(time) ?? []
    const [change, kind] = [changes[sign], kinds[letter]]
    const links = /^\(([+-]\d+)\)$/.exec(more ?? '')?.[1]
    const expected = change === 'renamed' ? more !== undefined : more === undefined || links !== undefined
    const paths = [path, ...(change === 'renamed' && more !== undefined ? [more] : [])].map(unescaped)
    const [first, second] = paths
    if (seconds === undefined || !change || !kind || !expected || rest.length > 0 || paths.includes(undefined)) {
      throw new OutputNotUnderstood({ name, asked, command: 'zfs diff', line })
    }
    return {
      change,
      kind,
      path: first as string | Buffer,
      ...(change === 'renamed' && { to: second as string | Buffer }),
      ...(change !== 'renamed' && links !== undefined && { links: Number(links) }),
      ctimeNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds as string),
    }
  }) // biome-ignore format: one thought
}

/** Bytes that are no visible ASCII, and the backslash, are written as a backslash and four octal digits. */
function unescaped(text: string): string | Buffer | undefined {
  if (text === '' || !/^(?:[!-[\]-~]|\\0[0-3][0-7]{2})*$/.test(text)) return undefined
  const latin = text.replaceAll(/\\(\d{4})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  const bytes = Buffer.from(latin, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes
}
