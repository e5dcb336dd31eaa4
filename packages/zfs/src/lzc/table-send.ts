import type { SendFlag, SendOptions, SendResumeOptions } from '../calls/streams.ts'
import {
  ArgumentInvalid,
  BookmarkNotFound,
  DatasetBusy,
  EncryptionKeyNotLoaded,
  NameInvalid,
  NameTooLong,
  SnapshotMismatch,
  SnapshotNameInvalid,
  SnapshotNotFound,
  StreamIOError,
  ZFSGenericError,
} from '../errors.ts'
import { filesystemOf, isBookmarkName, MAX_NAME_LENGTH, nameKind } from '../names.ts'
import type { ErrorContext, Verdict } from './call.ts'
import { checkSamePool, descriptor, numberOf, unsigned } from './checks.ts'
import type { LzcTable } from './table.ts'
import { checkBookmarkPart } from './table-rollback.ts'

/** enum lzc_send_flags of libzfs_core.h. */
const sendFlags: Readonly<Record<SendFlag, number>> = {
  embedded_data: 1,
  large_blocks: 2,
  compress: 4,
  raw: 8,
  saved: 16,
}

const askedOf = (snapshot: string, from?: string): string =>
  `send "${snapshot}"${from === undefined ? '' : ` from "${from}"`}`

/** Name, origin and flags, checked. A filesystem that nobody writes to may be sent as well, and a saved state must. */
function checked(snapshot: string, { from, flags = [] }: SendOptions, asked: string): [string, string | null, number] {
  checkKind(snapshot, ['snapshot', 'filesystem'], asked)
  if (from !== undefined) {
    checkKind(from, ['snapshot', 'bookmark'], asked)
    checkSamePool(snapshot, from, asked)
  }
  if (!Array.isArray(flags))
    throw new ArgumentInvalid({ argument: 'flags', asked, reason: 'must be an array of words' })
  return [snapshot, from ?? null, flags.reduce((bits, flag) => bits | numberOf(sendFlags, flag, 'a flag', asked), 0)]
}

function checkKind(name: string, kinds: readonly string[], asked: string): void {
  if (typeof name === 'string' && name.length > MAX_NAME_LENGTH) throw new NameTooLong({ name, asked })
  const kind = typeof name === 'string' ? nameKind(name) : undefined
  if (kind === undefined || !kinds.includes(kind)) throw new NameInvalid({ name: String(name), asked })
}

function place({ resumeObject = 0, resumeOffset = 0 }: SendResumeOptions, asked: string): [bigint, bigint] {
  return [unsigned(resumeObject, 'resumeObject', asked), unsigned(resumeOffset, 'resumeOffset', asked)]
}

/** Which name a number means: of the snapshot, of where the stream begins, or of the redaction bookmark. */
const failures = (redacted?: (...args: never[]) => string | undefined, options = 2) => {
  const fromOf = (args: readonly unknown[]): string | undefined => (args[options] as SendOptions | undefined)?.from
  const missing = ({ exists }: ErrorContext, snapshot: string, ...rest: unknown[]): Verdict => {
    const args = [snapshot, ...rest]
    if (!exists(snapshot)) return [SnapshotNotFound, { name: snapshot }]
    const from = fromOf(args)
    const bookmark = redacted?.(...(args as never[]))
    if (from !== undefined && isBookmarkName(from)) return [BookmarkNotFound, { name: from }]
    if (from !== undefined && !exists(from)) return [SnapshotNotFound, { name: from }]
    if (bookmark === undefined) return [SnapshotNotFound, { name: snapshot }]
    return [BookmarkNotFound, { name: `${filesystemOf(snapshot)}#${bookmark}` }]
  }
  return {
    ENOENT: missing,
    // Of bookmarks.
    ESRCH: missing,
    EXDEV: (_: ErrorContext, ...args: unknown[]): Verdict => [SnapshotMismatch, { name: fromOf(args) }],
    // Of a filesystem, which may be sent only while nobody can write to it.
    EBUSY: (_: ErrorContext, name: string): Verdict => [
      DatasetBusy,
      { name, reason: 'it is mounted, and only a snapshot of it can be sent meanwhile' },
    ],
    EACCES: (_: ErrorContext, snapshot: string): Verdict => [EncryptionKeyNotLoaded, { name: filesystemOf(snapshot) }],
    ENAMETOOLONG: (_: ErrorContext, snapshot: string): Verdict => [NameTooLong, { name: snapshot }],
  }
}

/** Nobody estimates a filesystem that is sent as it is. */
const noSnapshot = (_: ErrorContext, name: string): Verdict => [
  nameKind(name) === 'snapshot' ? ZFSGenericError : SnapshotNameInvalid,
  { name },
]

const bookmarkOf = (_: string, __: number, bookmark: string): string => bookmark

/** Calls that make streams, or say how long they will be. */
export const sendCalls: Pick<
  LzcTable,
  | 'send'
  | 'sendResume'
  | 'sendRedacted'
  | 'sendResumeRedacted'
  | 'sendSpace'
  | 'sendSpaceResumeRedacted'
  | 'sendProgress'
> = {
  send: {
    symbol: 'lzc_send',
    since: '2.0',
    privilege: 'delegated',
    long: true,
    parameters: ['text', 'text', 'int', 'int'],
    asked: (snapshot, _, { from } = {}) => askedOf(snapshot, from),
    input: (snapshot, fd, options = {}) => {
      const asked = askedOf(snapshot, options.from)
      const [name, from, flags] = checked(snapshot, options, asked)
      return [name, from, descriptor(fd, asked), flags]
    },
    output: () => undefined,
    errors: failures(),
    otherwise: StreamIOError,
  },

  sendResume: {
    symbol: 'lzc_send_resume',
    since: '2.0',
    privilege: 'delegated',
    long: true,
    parameters: ['text', 'text', 'int', 'int', 'u64', 'u64'],
    asked: (snapshot, _, { from } = {}) => askedOf(snapshot, from),
    input: (snapshot, fd, options = {}) => {
      const asked = askedOf(snapshot, options.from)
      const [name, from, flags] = checked(snapshot, options, asked)
      return [name, from, descriptor(fd, asked), flags, ...place(options, asked)]
    },
    output: () => undefined,
    errors: failures(),
    otherwise: StreamIOError,
  },

  sendRedacted: {
    symbol: 'lzc_send_redacted',
    since: '2.0',
    privilege: 'delegated',
    long: true,
    parameters: ['text', 'text', 'int', 'int', 'text'],
    asked: (snapshot, _, __, { from } = {}) => askedOf(snapshot, from),
    input: (snapshot, fd, bookmark, options = {}) => {
      const asked = askedOf(snapshot, options.from)
      const [name, from, flags] = checked(snapshot, options, asked)
      checkBookmarkPart(bookmark, asked)
      return [name, from, descriptor(fd, asked), flags, bookmark]
    },
    output: () => undefined,
    errors: failures(bookmarkOf, 3),
    otherwise: StreamIOError,
  },

  sendResumeRedacted: {
    symbol: 'lzc_send_resume_redacted',
    since: '2.0',
    privilege: 'delegated',
    long: true,
    parameters: ['text', 'text', 'int', 'int', 'u64', 'u64', 'text'],
    asked: (snapshot, _, __, { from } = {}) => askedOf(snapshot, from),
    input: (snapshot, fd, bookmark, options = {}) => {
      const asked = askedOf(snapshot, options.from)
      const [name, from, flags] = checked(snapshot, options, asked)
      checkBookmarkPart(bookmark, asked)
      return [name, from, descriptor(fd, asked), flags, ...place(options, asked), bookmark]
    },
    output: () => undefined,
    errors: failures(bookmarkOf, 3),
    otherwise: StreamIOError,
  },

  sendSpace: {
    symbol: 'lzc_send_space',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'text', 'int', 'outU64'],
    asked: (snapshot, { from } = {}) => `estimate to ${askedOf(snapshot, from)}`,
    input: (snapshot, options = {}) => checked(snapshot, options, `estimate to ${askedOf(snapshot, options.from)}`),
    output: ([bytes]) => bytes as bigint,
    errors: { ...failures(undefined, 1), EINVAL: noSnapshot },
  },

  sendSpaceResumeRedacted: {
    symbol: 'lzc_send_space_resume_redacted',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'text', 'int', 'u64', 'u64', 'u64', 'text', 'int', 'outU64'],
    asked: (snapshot, { from } = {}) => `estimate to ${askedOf(snapshot, from)}`,
    input: (snapshot, options = {}) => {
      const { from, resumeBytes = 0, redactionBookmark, fd = -1 } = options
      const asked = `estimate to ${askedOf(snapshot, from)}`
      const [name, origin, flags] = checked(snapshot, options, asked)
      if (redactionBookmark !== undefined) checkBookmarkPart(redactionBookmark, asked)
      const bytes = unsigned(resumeBytes, 'resumeBytes', asked)
      const out = fd === -1 ? fd : descriptor(fd, asked)
      return [name, origin, flags, ...place(options, asked), bytes, redactionBookmark ?? null, out]
    },
    output: ([bytes]) => bytes as bigint,
    errors: {
      ...failures((_: string, options?: { redactionBookmark?: string }) => options?.redactionBookmark, 1),
      EINVAL: noSnapshot,
    },
  },

  // Every release up to 2.4 declares it, with changing parameters, and none has it: the symbol means these four.
  sendProgress: {
    symbol: 'lzc_send_progress',
    since: '2.5',
    privilege: 'any',
    parameters: ['text', 'int', 'outU64', 'outU64'],
    asked: (snapshot) => `ask how far the sending of "${snapshot}" is`,
    input: (snapshot, fd) => {
      const asked = `ask how far the sending of "${snapshot}" is`
      checkKind(snapshot, ['snapshot', 'filesystem'], asked)
      return [snapshot, descriptor(fd, asked)]
    },
    output: ([bytes, blocks]) => ({ bytes: bytes as bigint, blocks: blocks as bigint }),
    errors: { ENOENT: (_, name) => [SnapshotNotFound, { name }] },
  },
}
