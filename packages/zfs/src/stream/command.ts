import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { SendFlag } from '../calls/streams.ts'
import { assignment, checkProperty } from '../command/check.ts'
import { commandFailed, commonFailure, firstLine, type Request } from '../command/failure.ts'
import { type CommandResult, environment } from '../command/run.ts'
import { E } from '../errno.ts'
import {
  ArgumentInvalid,
  BadStream,
  BookmarkNotFound,
  CryptoNotSupported,
  DatasetBusy,
  DatasetExists,
  DatasetNotFound,
  DestinationModified,
  EncryptionKeyNotLoaded,
  NoSpace,
  PropertyInvalid,
  QuotaExceeded,
  ResumeExists,
  SnapshotMismatch,
  SnapshotNotFound,
  StreamFeatureNotSupported,
  StreamIOError,
  StreamMismatch,
  StreamTruncated,
  type ZFSError,
  ZFSInitializationFailed,
} from '../errors.ts'
import { checkBookmarkPart } from '../lzc/table-rollback.ts'
import { checkName, isBookmarkName } from '../names.ts'
import type { Zfs } from '../zfs.ts'
import type { ReceiveStreamOptions } from './receive.ts'
import type { SendStreamOptions } from './send.ts'

const sendFlags: Readonly<Record<SendFlag, string>> = {
  embedded_data: '-e',
  large_blocks: '-L',
  compress: '-c',
  raw: '-w',
  saved: '-S',
}

/** The arguments of `zfs send`, checked so that none of them can be read as another. */
export function sendArguments(snapshot: string, options: SendStreamOptions, asked: string): string[] {
  const { from, flags = [], redactionBookmark, replicate, intermediates, properties } = options
  checkName(snapshot, 'snapshot', asked)
  if (from !== undefined) checkName(from, isBookmarkName(from) ? 'bookmark' : 'snapshot', asked)
  if (intermediates && from === undefined) {
    throw new ArgumentInvalid({ argument: 'intermediates', asked, reason: 'wants `from`: where the first one begins' })
  }
  if (redactionBookmark != null) checkBookmarkPart(redactionBookmark, asked)
  if (intermediates && isBookmarkName(from as string)) {
    throw new ArgumentInvalid({ argument: 'intermediates', asked, reason: 'wants `from` to be a snapshot' })
  }
  if (!Array.isArray(flags))
    throw new ArgumentInvalid({ argument: 'flags', asked, reason: 'must be an array of words' })
  const words = flags.map((flag: SendFlag) => {
    if (Object.hasOwn(sendFlags, flag)) return sendFlags[flag]
    throw new ArgumentInvalid({ argument: 'a flag', asked, reason: `is "${flag}", and must be one of SendFlag` })
  })
  return [
    'send',
    ...words,
    ...(replicate ? ['-R'] : []),
    ...(properties ? ['-p'] : []),
    ...(redactionBookmark == null ? [] : ['--redact', redactionBookmark]),
    ...(from === undefined ? [] : [intermediates ? '-I' : '-i', from]),
    snapshot,
  ]
}

/** The arguments of `zfs receive`, checked likewise. What is received is not mounted, as with libzfs_core. */
export function receiveArguments(target: string, options: ReceiveStreamOptions, asked: string): string[] {
  const { force, resumable, origin, naming, exclude = [], override = {} } = options
  if (origin !== undefined) checkName(origin, 'snapshot', asked)
  for (const property of exclude) checkProperty(property, target, asked)
  const set = Object.entries(override).map(([property, value]) => assignment(property, value, target, asked))
  return [
    'receive',
    '-u',
    ...(force ? ['-F'] : []),
    ...(resumable ? ['-s'] : []),
    ...(naming === undefined ? [] : [naming === 'path' ? '-d' : '-e']),
    ...exclude.flatMap((property) => ['-x', property]),
    ...[...set, ...(origin === undefined ? [] : [`origin=${origin}`])].flatMap((word) => ['-o', word]),
    target,
  ]
}

/** What `zfs send -nP` estimates; undefined when it does not. */
export async function estimate(args: readonly string[]): Promise<bigint | undefined> {
  const { stdout } = await run(['send', '-nP', ...args.slice(1)], {})
  const size = /^size\s+(\d+)$/m.exec(stdout)?.[1]
  return size === undefined ? undefined : BigInt(size)
}

/** Runs `zfs send` into a descriptor. */
export async function runSend(
  zfs: Zfs,
  snapshot: string,
  args: readonly string[],
  asked: string,
  fd: number,
): Promise<void> {
  const result = await run(args, { stdout: fd })
  if (result.exitCode === 0) return
  const request = { name: snapshot, asked, exists: zfs.existsSync }
  throw sendFailure(request, args, result)
}

/** Runs `zfs receive` with a descriptor to read from. */
export async function runReceive(
  zfs: Zfs,
  target: string,
  args: readonly string[],
  asked: string,
  fd: number,
): Promise<void> {
  const result = await run(args, { stdin: fd })
  if (result.exitCode === 0) return
  throw receiveFailure({ name: target, asked, exists: zfs.existsSync }, args, result)
}

interface Ended extends CommandResult {
  readonly signal: NodeJS.Signals | null
}

/** Runs `zfs` with a descriptor as its input or output: it reads or writes there itself. */
async function run(args: readonly string[], { stdin, stdout }: { stdin?: number; stdout?: number }): Promise<Ended> {
  const child = spawn('zfs', args, {
    stdio: [stdin ?? 'ignore', stdout ?? 'pipe', 'pipe'],
    env: { ...process.env, ...environment() },
  })
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new ZFSInitializationFailed({ reason: 'there is no command `zfs`' }, { cause })),
    )
    child.on('close', (code, signal) => resolve([code, signal]))
  })
  const read = [child.stdout ? text(child.stdout) : '', child.stderr ? text(child.stderr) : ''] as const
  const [[code, signal], out, stderr] = await Promise.all([ended, ...read])
  return { stdout: out, stderr, exitCode: code ?? undefined, signal }
}

// Phrases of fixed messages in OpenZFS's lib/libzfs/libzfs_sendrecv.c and libzfs_util.c.
const sendPhrases: readonly (readonly [RegExp, new (d: { asked: string }) => ZFSError])[] = [
  [/not an earlier snapshot|not an ancestor|is not in same|must be (?:in|the) same/i, SnapshotMismatch],
  [/key (?:must be|not) loaded/i, EncryptionKeyNotLoaded],
  [/may not be sent with properties without the raw flag/, CryptoNotSupported],
]

function sendFailure(request: Request, args: readonly string[], result: Ended): ZFSError {
  const { name, asked, exists } = request
  const { stderr, signal } = result
  if (signal === 'SIGPIPE' || /broken pipe|signal received/i.test(stderr)) {
    return new StreamIOError({ name, asked, errno: E.EPIPE, stderr })
  }
  const from = args.includes('-i') || args.includes('-I') ? (args.at(-2) as string) : undefined
  if (name !== undefined && !exists(name)) return new SnapshotNotFound({ name, asked, stderr })
  if (from !== undefined && isBookmarkName(from) && /does not exist/.test(stderr)) {
    return new BookmarkNotFound({ name: from, asked, stderr })
  }
  if (from !== undefined && !isBookmarkName(from) && !exists(from)) {
    return new SnapshotNotFound({ name: from, asked, stderr })
  }
  for (const [phrase, Kind] of sendPhrases) {
    const details = { name: Kind === SnapshotMismatch ? from : name, asked, stderr }
    if (phrase.test(stderr)) return new Kind(details)
  }
  return commonFailure(request, result) ?? commandFailed(request, args, result)
}

const receivePhrases: readonly (readonly [RegExp, new (d: { asked: string }) => ZFSError])[] = [
  [/has been modified/, DestinationModified],
  [/does not\s+match incremental source|no snapshot .*matching/, StreamMismatch],
  [/must specify -F to overwrite|destination .* exists|already exists/, DatasetExists],
  [/resuming recv on existing|partially[- ]complete state/i, ResumeExists],
  [/incomplete stream|stream ended|failed to read from stream/, StreamTruncated],
  [/out of space/, NoSpace],
  [/quota exceeded/, QuotaExceeded],
  [/unsupported (?:feature|version)|pool must be upgraded/, StreamFeatureNotSupported],
  [/invalid (?:backup )?stream|checksum mismatch|bad magic number/, BadStream],
  [/is busy/, DatasetBusy],
  [/does not exist/, DatasetNotFound],
]

function receiveFailure(request: Request, args: readonly string[], result: Ended): ZFSError {
  const { name, asked } = request
  const { stderr } = result
  // A stream that was cut may leave a partial state, of which the text speaks as well.
  for (const [phrase, Kind] of receivePhrases) {
    const details = { name, asked, stderr }
    if (phrase.test(stderr)) return new Kind(details)
  }
  const [, property] = /(?:invalid property |^[^']*)'([^']+)'/.exec(stderr) ?? []
  if (property !== undefined && /invalid property|must be one of/.test(stderr)) {
    return new PropertyInvalid({ name, asked, property, reason: firstLine(stderr), stderr })
  }
  return commonFailure({ ...request, exists: () => true }, result) ?? commandFailed(request, args, result)
}
