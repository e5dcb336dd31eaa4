import type { PlatformName } from '../../platform/platform.ts'
import type { ValueType } from '../values/value-type.ts'

/** What jail(8) may do with a part of the kernel: the jail has its own, the host's, or none. */
export type JailSwitch = 'new' | 'inherit' | 'disable'

/** For each platform true, or the reason why a value that asks for something is refused there. */
export type HonouredBy = Readonly<Record<PlatformName, true | string>>

/** What is known of one property. */
export interface PropertyRow<V> {
  readonly type: ValueType<V>
  readonly default: V
  /** What it is, in a line for the documentation. */
  readonly about: string
  /** Where it takes effect: a step of an operation, or who reads it. For a `parameter` that is said by itself. */
  readonly applied?: string
  /** The parameter of jail(8) that it is passed as. The platform has the last word on its value. */
  readonly parameter?: string
  /** Its default is not the kernel's: it is passed though nobody has set it. */
  readonly always?: true
  readonly honouredBy: HonouredBy
  /** Written values that, like the default, ask for nothing: they are never refused. */
  readonly neutral?: readonly string[]
  /** Only python-iocage has it: what its files say is kept, and where it is not honoured a start warns and goes on. */
  readonly foreign?: true
}

export type PropertyRows<P> = { readonly [K in keyof P]: PropertyRow<P[K]> }

export const everywhere: HonouredBy = Object.freeze({ freebsd: true, linux: true, embedded: true })

/** Refused on every platform, for `reason`. */
export function nowhere(reason: string): HonouredBy {
  return Object.freeze({ freebsd: reason, linux: reason, embedded: reason })
}

/** Honoured but for the platforms named. */
export function except(reasons: Partial<HonouredBy>): HonouredBy {
  return Object.freeze({ ...everywhere, ...reasons })
}
