import type { ErrnoName } from '../errno.ts'
import type { MultipleFailureInput, MultipleOperationsFailure, ZFSError, ZfsErrorInput } from '../errors.ts'
import type { NvInput, NvList } from '../nvlist/types.ts'

/** Kinds of parameters of libzfs_core. `in` ones take a value each from `input`, `out` ones give one each to `output`. */
export type Parameter =
  /** const char *; null for NULL. */
  | 'text'
  /** int; also enums and boolean_t, which are as wide. */
  | 'int'
  | 'uint'
  | 'u64'
  | 'boolean'
  /** nvlist_t *; null for NULL. */
  | 'list'
  /** uint8_t *; null for NULL. Its length, where C wants one, is a parameter of its own. */
  | 'bytes'
  /** nvlist_t **: a list, or undefined. */
  | 'outList'
  /** uint64_t *: a bigint. */
  | 'outU64'
  /** boolean_t *: a boolean. */
  | 'outBoolean'
  /** char * of 256 bytes and its length, two parameters of C's: a string. */
  | 'outText'

/** What an `in` parameter takes. */
export type InValue = string | number | bigint | boolean | NvInput | Uint8Array | null
/** What an `out` parameter gives. */
export type OutValue = NvList | bigint | boolean | string | undefined

/** Who may make a call: every user, users whom `zfs allow` permits it, or root only. */
export type Privilege = 'any' | 'delegated' | 'root'

type ErrorClass = new (details: ZfsErrorInput, options?: ErrorOptions) => ZFSError
/** An error to be made: its class and its details, without the number and what was asked. */
export type Verdict = readonly [ErrorClass, ZfsErrorInput?]

/** What error rules may look at. */
export interface ErrorContext {
  readonly errno: number
  /** Whether a dataset exists now: tells apart what one number says of several names. */
  readonly exists: (name: string) => boolean
  readonly out: readonly OutValue[]
}

type Rules<A extends readonly unknown[]> = Readonly<
  Partial<Record<ErrnoName, (context: ErrorContext, ...args: A) => Verdict>>
>

/** One call of libzfs_core. Both its asynchronous and its blocking form are derived from this. */
export interface Call<A extends readonly unknown[], R> {
  /** The C symbol. */
  readonly symbol: string
  /** The first OpenZFS release that has it; 2.0 is the oldest that Gaoler looks at. */
  readonly since: string
  readonly privilege: Privilege
  /** C's parameters, in order. */
  readonly parameters: readonly Parameter[]
  /** `boolean` for calls that answer a question; all others return an error number. */
  readonly returns?: 'errno' | 'boolean'
  /**
   * Set for calls that wait for a stream or for work in the background: hours, perhaps. Their promise form never
   * takes all of libuv's few threads, which are for files and for the short calls: the others have threads of their own.
   */
  readonly long?: boolean
  /** Where a later OpenZFS has changed C's parameters: a symbol that came with them, and what they are then. */
  readonly later?: {
    readonly marker: string
    readonly parameters: readonly Parameter[]
    readonly input: (...args: A) => readonly InValue[]
  }
  /** Another symbol that does the same, and better. */
  readonly via?: string
  /** Of a pool (the first argument) that is read-only C would wait in the kernel for ever: that is found out before. */
  readonly needsWritable?: boolean
  /** The last two parameters are a descriptor and bytes: these are read from it where C is called, just before. */
  readonly readsFirst?: boolean
  /** What is asked, for messages: words behind "cannot". */
  readonly asked: (...args: A) => string
  /** Checks the arguments, as C would end the process, and gives the values of the `in` parameters. Throws. */
  readonly input: (...args: A) => readonly InValue[]
  /** Set where some arguments are answered without asking ZFS. */
  readonly shortcut?: (...args: A) => { readonly answer: R } | undefined
  /** The result, of the `out` parameters; for `boolean` calls, of what C returned. */
  readonly output: (out: readonly OutValue[], ...args: A) => R
  /** What the call's error numbers mean; others mean what they mean for every call. */
  readonly errors?: Rules<A>
  /** What all other numbers mean but the few that every call shares (permission, age, ZFS's own). */
  readonly otherwise?: ErrorClass
  /** For calls on several names. The first `out` parameter is then C's list of errors by name, or has it inside. */
  readonly several?: {
    readonly inside?: string
    readonly Failure: new (details: MultipleFailureInput, options?: ErrorOptions) => MultipleOperationsFailure
    /** The names asked for, in order. */
    readonly names: (...args: A) => readonly string[]
    /** What a number means for one name; the name is unknown when C says nothing and several were asked for. */
    readonly errors: Rules<[name: string | undefined, ...args: A]>
    /** Names that were missing are no failure: they are the result. */
    readonly missing?: boolean
  }
}
