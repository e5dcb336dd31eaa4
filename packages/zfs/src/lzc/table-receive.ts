import type { Received, ReceiveHealOptions, ReceiveOptions } from '../calls/streams.ts'
import { E } from '../errno.ts'
import {
  ArgumentInvalid,
  BadStream,
  DatasetBusy,
  DatasetExists,
  DatasetNotFound,
  DestinationModified,
  EncryptionKeyNotLoaded,
  NameTooLong,
  NoSpace,
  PropertyInvalid,
  QuotaExceeded,
  ReadOnlyPool,
  ReceivePropertyFailure,
  StreamFeatureNotSupported,
  StreamIOError,
  StreamMismatch,
  SuspendedPool,
  WrongParent,
  type ZFSError,
  ZFSGenericError,
} from '../errors.ts'
import { checkName, filesystemOf, parentOf, poolOf } from '../names.ts'
import type { NvList } from '../nvlist/types.ts'
import { nativeProps } from '../properties/props.ts'
import { BEGIN_RECORD_LENGTH } from '../stream/begin-record.ts'
import type { Call, ErrorContext, InValue, OutValue, Verdict } from './call.ts'
import { checkSamePool, descriptor } from './checks.ts'
import type { LzcTable } from './table.ts'
import { checkKey } from './table-keys.ts'

type WithHeader = [snapshot: string, fd: number, beginRecord: Uint8Array, options?: ReceiveHealOptions]

const askedOf = (snapshot: string): string => `receive "${snapshot}"`

/** What every receive shares, checked: name, properties, origin, force, raw, descriptor. */
function checked(snapshot: string, fd: number, { origin, props, force = false, raw = false }: ReceiveOptions) {
  const asked = askedOf(snapshot)
  checkName(snapshot, 'snapshot', asked)
  if (origin !== undefined) {
    checkName(origin, 'snapshot', asked)
    checkSamePool(snapshot, origin, asked)
  }
  const native = props ? nativeProps(props, { name: filesystemOf(snapshot), asked }) : null
  return { snapshot, props: native, origin: origin ?? null, force, raw, fd: descriptor(fd, asked) }
}

/** The kernel trusts the length of the record that it is given. */
function checkRecord(record: Uint8Array, snapshot: string): Uint8Array {
  if (record instanceof Uint8Array && record.length === BEGIN_RECORD_LENGTH) return record
  const reason = `must be the ${BEGIN_RECORD_LENGTH} bytes that receiveHeader() gives`
  throw new ArgumentInvalid({ argument: 'beginRecord', asked: askedOf(snapshot), reason })
}

/** A number in the list of properties that could not be set means this. */
function propertyError(name: string, property: string, errno: number): ZFSError {
  if (errno === E.EINVAL || errno === E.BADPROP) return new PropertyInvalid({ name, property, errno })
  return new ZFSGenericError({ name: property, errno })
}

/** Bytes and flags; throws when the data were received and some properties were not. */
function received([bytes, errorFlags, , list]: readonly OutValue[], snapshot: string): Received {
  const failed = new Map((list as NvList | undefined) ?? [])
  const suppressedCount = Number(failed.get('N_MORE_ERRORS') ?? 0)
  failed.delete('N_MORE_ERRORS')
  if (failed.size === 0) return { bytes: bytes as bigint, errorFlags: errorFlags as bigint }
  const errors = Array.from(failed, ([property, errno]) =>
    propertyError(filesystemOf(snapshot), property, Number(errno)),
  )
  throw new ReceivePropertyFailure({
    asked: `set properties of "${snapshot}", which is received`,
    errors,
    suppressedCount,
  })
}

const filesystem =
  (Kind: Verdict[0]) =>
  (_: ErrorContext, snapshot: string): Verdict => [Kind, { name: filesystemOf(snapshot) }]
const pool =
  (Kind: Verdict[0]) =>
  (_: ErrorContext, snapshot: string): Verdict => [Kind, { name: poolOf(snapshot) }]
const stream = (Kind: Verdict[0]) => (): Verdict => [Kind]

/** What the numbers of a receive mean; they are pyzfs's. */
const errors = {
  EINVAL: stream(BadStream),
  ERANGE: stream(BadStream),
  ECKSUM: stream(BadStream),
  ENOTSUP: stream(StreamFeatureNotSupported),
  EEXIST: ({ exists }: ErrorContext, snapshot: string): Verdict => [
    DatasetExists,
    { name: exists(snapshot) ? snapshot : filesystemOf(snapshot) },
  ],
  ENOENT: ({ exists }: ErrorContext, snapshot: string, ...rest: unknown[]): Verdict => {
    const { origin } = (rest.at(-1) as ReceiveOptions | undefined) ?? {}
    if (typeof origin === 'string' && !exists(origin)) return [DatasetNotFound, { name: origin }]
    const name = filesystemOf(snapshot)
    const parent = parentOf(name)
    // An incremental stream wants the filesystem, a full one its parent.
    return [DatasetNotFound, { name: parent !== undefined && !exists(parent) ? parent : name }]
  },
  ENODEV: filesystem(StreamMismatch),
  ETXTBSY: filesystem(DestinationModified),
  EBUSY: filesystem(DatasetBusy),
  ENOSPC: filesystem(NoSpace),
  EDQUOT: filesystem(QuotaExceeded),
  EACCES: filesystem(EncryptionKeyNotLoaded),
  WRONG_PARENT: filesystem(WrongParent),
  BADPROP: filesystem(PropertyInvalid),
  EROFS: pool(ReadOnlyPool),
  EAGAIN: pool(SuspendedPool),
  ENAMETOOLONG: (_: ErrorContext, name: string): Verdict => [NameTooLong, { name }],
} as const

/** What all receiving calls share. */
const shared = {
  privilege: 'delegated',
  long: true,
  asked: askedOf,
  errors,
  otherwise: StreamIOError,
} as const

/**
 * `receive` reads the header itself. lzc_receive, which reads it in C, forgets that a header may announce a payload
 * (redacted and resumed streams do), and lets the kernel take that for records: it was seen to hang.
 */
const withHeaderRead: Call<[snapshot: string, fd: number, options?: ReceiveOptions], void> = {
  ...shared,
  symbol: 'lzc_receive',
  via: 'lzc_receive_with_header',
  readsFirst: true,
  since: '2.0',
  parameters: ['text', 'list', 'text', 'boolean', 'boolean', 'boolean', 'int', 'bytes'],
  input: (name, descriptor, options = {}) => {
    const { snapshot, props, origin, force, raw, fd } = checked(name, descriptor, options)
    return [snapshot, props, origin, force, false, raw, fd, new Uint8Array(BEGIN_RECORD_LENGTH)]
  },
  output: () => undefined,
}

const plain = (symbol: string): Call<[snapshot: string, fd: number, options?: ReceiveOptions], void> => ({
  ...shared,
  symbol,
  since: '2.0',
  parameters: ['text', 'list', 'text', 'boolean', 'boolean', 'int'],
  input: (name, descriptor, options = {}) => {
    const { snapshot, props, origin, force, raw, fd } = checked(name, descriptor, options)
    return [snapshot, props, origin, force, raw, fd]
  },
  output: () => undefined,
})

/** The newest two differ in one word: whether they can heal. */
const withProperties = (symbol: string, since: string, heals: boolean): Call<WithHeader, Received> => ({
  ...shared,
  symbol,
  since,
  parameters: [
    ...(['text', 'list', 'list', 'bytes', 'uint', 'text', 'boolean'] as const),
    ...(heals ? (['boolean'] as const) : []),
    ...(['boolean', 'boolean', 'int', 'bytes', 'int', 'outU64', 'outU64', 'outU64', 'outList'] as const),
  ],
  input: (name, descriptor, record, options = {}): readonly InValue[] => {
    const { snapshot, props, origin, force, raw, fd } = checked(name, descriptor, options)
    const { resumable = false, corrective = false, cmdprops, key } = options
    if (key !== undefined) checkKey(key, filesystemOf(snapshot), askedOf(snapshot))
    const heal = heals ? [corrective] : []
    const begin = checkRecord(record, snapshot)
    // C ignores the descriptor for cleaning up, and what was once a handle of actions.
    return [
      snapshot,
      props,
      cmdprops ? nativeProps(cmdprops, { name: filesystemOf(snapshot), asked: askedOf(snapshot) }) : null,
      key ?? null,
      key?.length ?? 0,
      origin,
      force,
      ...heal,
      resumable,
      raw,
      fd,
      begin,
      -1,
    ]
  },
  output: (out, snapshot) => received(out, snapshot),
})

/** Calls that make datasets of streams. */
export const receiveCalls: Pick<
  LzcTable,
  'receive' | 'receiveResumable' | 'receiveWithHeader' | 'receiveOne' | 'receiveWithCmdprops' | 'receiveWithHeal'
> = {
  receive: withHeaderRead,
  receiveResumable: plain('lzc_receive_resumable'),

  receiveWithHeader: {
    ...shared,
    symbol: 'lzc_receive_with_header',
    since: '2.0',
    parameters: ['text', 'list', 'text', 'boolean', 'boolean', 'boolean', 'int', 'bytes'],
    input: (name, descriptor, record, options = {}) => {
      const { snapshot, props, origin, force, raw, fd } = checked(name, descriptor, options)
      const { resumable = false } = options
      return [snapshot, props, origin, force, resumable, raw, fd, checkRecord(record, snapshot)]
    },
    output: () => undefined,
  },

  receiveOne: {
    ...shared,
    symbol: 'lzc_receive_one',
    since: '2.0',
    parameters: [
      ...(['text', 'list', 'text', 'boolean', 'boolean', 'boolean', 'int', 'bytes', 'int'] as const),
      ...(['outU64', 'outU64', 'outU64', 'outList'] as const),
    ],
    input: (name, descriptor, record, options = {}) => {
      const { snapshot, props, origin, force, raw, fd } = checked(name, descriptor, options)
      const { resumable = false } = options
      return [snapshot, props, origin, force, resumable, raw, fd, checkRecord(record, snapshot), -1]
    },
    output: (out, snapshot) => received(out, snapshot),
  },

  receiveWithCmdprops: withProperties('lzc_receive_with_cmdprops', '2.0', false),
  receiveWithHeal: withProperties('lzc_receive_with_heal', '2.2', true),
}
