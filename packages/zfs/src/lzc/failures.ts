import { E, type ErrnoName, errnoName } from '../errno.ts'
import {
  ArgumentInvalid,
  AshiftMismatch,
  CallNotSupported,
  CryptoNotSupported,
  DatasetBusy,
  NameTooLong,
  NoSpace,
  NotUserNamespace,
  PermissionDenied,
  PoolExporting,
  PoolsDiffer,
  PropertyInvalid,
  PropertyNotSupported,
  QuotaExceeded,
  RaidzExpansionRunning,
  ReadOnlyPool,
  RebuildRunning,
  ResilverRunning,
  ResumeExists,
  StreamIvsetGuidMismatch,
  StreamIvsetGuidMissing,
  StreamLargeBlockMismatch,
  StreamLargeMicrozap,
  StreamSpillFlagMissing,
  StreamTruncated,
  SuspendedPool,
  TooManySitouts,
  UnknownStreamFeature,
  UserNamespaceNotSupported,
  VdevNotSupported,
  WrongParent,
  type ZFSError,
  ZFSGenericError,
  ZIOError,
} from '../errors.ts'
import { NvlistInputInvalid } from '../nvlist/index.ts'
import type { NvList } from '../nvlist/types.ts'
import type { Call, ErrorContext, OutValue, Verdict } from './call.ts'

type AnyCall = Call<unknown[], unknown>

/** What a number means for every call, about a name; undefined where only the call knows. */
const general: Readonly<Partial<Record<ErrnoName, Verdict[0]>>> = {
  EIO: ZIOError,
  ENOSPC: NoSpace,
  EDQUOT: QuotaExceeded,
  EBUSY: DatasetBusy,
  ENAMETOOLONG: NameTooLong,
  EROFS: ReadOnlyPool,
  EAGAIN: SuspendedPool,
  EXDEV: PoolsDiffer,
  ENOTSUP: PropertyNotSupported,
  EPERM: PermissionDenied,
  EACCES: PermissionDenied,
  ENOSYS: CallNotSupported,
  IOC_CMD_UNAVAIL: CallNotSupported,
  IOC_ARG_UNAVAIL: CallNotSupported,
  IOC_ARG_REQUIRED: CallNotSupported,
  IOC_ARG_BADTYPE: CallNotSupported,
  WRONG_PARENT: WrongParent,
  FROM_IVSET_GUID_MISSING: StreamIvsetGuidMissing,
  FROM_IVSET_GUID_MISMATCH: StreamIvsetGuidMismatch,
  SPILL_BLOCK_FLAG_MISSING: StreamSpillFlagMissing,
  UNKNOWN_SEND_STREAM_FEATURE: UnknownStreamFeature,
  EXPORT_IN_PROGRESS: PoolExporting,
  STREAM_TRUNCATED: StreamTruncated,
  STREAM_LARGE_BLOCK_MISMATCH: StreamLargeBlockMismatch,
  RESILVER_IN_PROGRESS: ResilverRunning,
  REBUILD_IN_PROGRESS: RebuildRunning,
  BADPROP: PropertyInvalid,
  VDEV_NOTSUP: VdevNotSupported,
  NOT_USER_NAMESPACE: NotUserNamespace,
  RESUME_EXISTS: ResumeExists,
  CRYPTO_NOTSUP: CryptoNotSupported,
  RAIDZ_EXPAND_IN_PROGRESS: RaidzExpansionRunning,
  ASHIFT_MISMATCH: AshiftMismatch,
  STREAM_LARGE_MICROZAP: StreamLargeMicrozap,
  TOO_MANY_SITOUTS: TooManySitouts,
  NO_USER_NS_SUPPORT: UserNamespaceNotSupported,
}

/** ZFS's own numbers begin here, and mean the same everywhere. */
const OWN = 1024

/** The kernel's way to say in a list of errors how many did not fit in. */
const MORE = 'N_MORE_ERRORS'

/** What a call gave: C's result and its `out` values. */
export interface Outcome {
  readonly errno: number
  readonly out: readonly OutValue[]
  readonly exists: (name: string) => boolean
}

/** The error of a call that failed; undefined for one that did not, or of which only some names were missing. */
export function failureOf(call: AnyCall, args: unknown[], outcome: Outcome): ZFSError | undefined {
  const { errno } = outcome
  if (!call.several) return errno === 0 ? undefined : single(call, args, outcome)
  const { names, errors: rules, missing, inside, Failure } = call.several
  const list = outcome.out[0] as NvList | undefined
  const errlist = new Map(inside === undefined ? list : (list?.get(inside) as NvList | undefined))
  const suppressedCount = Number(errlist.get(MORE) ?? 0)
  errlist.delete(MORE)
  // Every entry but of missing names, in the order in which the names were given.
  const asked = names(...args)
  // A missing hold is `snapshot#tag`; a bookmark has its # in the name that was asked for.
  const rank = (name: string): number => asked.indexOf(asked.includes(name) ? name : (name.split('#', 1)[0] as string))
  const failed = Array.from(errlist, ([name, code]): [string, number] => [name, Number(code)])
  failed.sort(([a], [b]) => rank(a) - rank(b))
  if (
    missing &&
    failed.every(([, code]) => code === E.ENOENT) &&
    (errno === 0 || (errno === E.ENOENT && failed.length))
  ) {
    return undefined
  }
  if (errno === 0) return undefined
  // Without a list the one number stands for all: for that name when there was only one.
  if (failed.length === 0) failed.push([asked.length === 1 ? (asked[0] as string) : '', errno])
  const errors = failed.map(([name, code]) => {
    const known = name === '' ? undefined : name
    const context: ErrorContext = { ...outcome, errno: code }
    const verdict = rules[errnoKey(code)]?.(context, known, ...args) ?? fallback(call, code, known)
    return make(verdict, code)
  })
  return new Failure({ asked: call.asked(...args), errors, suppressedCount })
}

/** What was thrown before ZFS was asked: a value that no list can hold becomes an error of this call's kind. */
export function refusalOf(call: AnyCall, args: unknown[], thrown: unknown): unknown {
  if (thrown instanceof TypeError) {
    const reason = `is missing or of a wrong type (${thrown.message})`
    return new ArgumentInvalid({ argument: 'an argument', asked: `call ${call.symbol}`, reason }, { cause: thrown })
  }
  if (!(thrown instanceof NvlistInputInvalid)) return thrown
  const error = propertyInvalid(call, args, thrown)
  return call.several ? new call.several.Failure({ asked: call.asked(...args), errors: [error] }) : error
}

function single(call: AnyCall, args: unknown[], outcome: Outcome): ZFSError {
  const { errno } = outcome
  const name = typeof args[0] === 'string' ? args[0] : undefined
  const verdict = call.errors?.[errnoKey(errno)]?.(outcome, ...args) ?? fallback(call, errno, name)
  return make(verdict, errno, call.asked(...args))
}

function fallback(call: AnyCall, errno: number, name: string | undefined): Verdict {
  const shared = !call.otherwise || errno >= OWN || errno === E.EPERM || errno === E.ENOSYS
  const Known = (shared ? general[errnoKey(errno)] : call.otherwise) ?? ZFSGenericError
  if (Known === CallNotSupported) return [Known, { name: call.symbol, since: call.since }]
  return [Known, Known === PermissionDenied ? { name, privilege: call.privilege } : { name }]
}

function make([Kind, details = {}]: Verdict, errno: number, asked?: string): ZFSError {
  return new Kind({ errno, asked, ...details })
}

function errnoKey(errno: number): ErrnoName {
  return errnoName(errno) as ErrnoName
}

function propertyInvalid(call: AnyCall, args: unknown[], cause: NvlistInputInvalid): ZFSError {
  const [first] = call.several?.names(...args) ?? args
  const { path, reason } = cause.details
  const about = { name: typeof first === 'string' ? first : undefined, property: path, reason }
  return new PropertyInvalid(call.several ? about : { ...about, asked: call.asked(...args) }, { cause })
}
