import { inspect } from 'node:util'
import { type Dataset, type LzcCalls, PropertyInvalid, type PropertyValue, type Zfs, type ZfsCalls } from '@gaoler/zfs'
import { assert, type Suite, thrown } from '../harness.ts'

/** Both faces behind one: every call gives a promise, whether it ran asynchronously or blocked. */
export type Face = Pick<Zfs, keyof LzcCalls | keyof ZfsCalls>

/** What a behaviour is written against. */
export interface Bench {
  readonly test: Suite
  readonly zfs: Face
  /** The same, for what is built on a whole ZFS. */
  readonly whole: () => Zfs
  /** The dataset below which everything happens; known once the suite runs. */
  readonly root: () => string
  /** A new name below the root; nothing is made. */
  readonly fresh: () => string
  /** A new filesystem of such a name, not mounted. */
  readonly filesystem: () => Promise<string>
  /** The value of one property. */
  readonly value: (name: string, property: string) => Promise<PropertyValue | undefined>
}

/** Names only, in order. */
export function namesOf(datasets: readonly Pick<Dataset, 'name'>[]): string[] {
  return datasets.map(({ name }) => name)
}

/** The error that `body` throws: of this class or below it, and about this name where one is given. */
export async function failure<E extends Error>(
  kind: abstract new (...args: never[]) => E,
  name: string | undefined,
  body: () => unknown,
): Promise<E> {
  const error = await thrown<E & { details?: { name?: unknown } }>(body)
  assert.instance(error, kind, `expected ${kind.name}, got ${inspect(error)}`)
  if (name !== undefined) assert.is(error.details?.name, name, `expected one about "${name}", got ${inspect(error)}`)
  return error
}

/** The errors inside the failure of a call on several names, as `Class name`. */
export async function failures<E extends Error & { readonly errors: readonly Error[] }>(
  kind: abstract new (...args: never[]) => E,
  body: () => unknown,
): Promise<string[]> {
  const { errors } = await failure(kind, undefined, body)
  return errors.map((error) => `${error.name} ${(error as { details?: { name?: string } }).details?.name}`)
}

/** That `body` is refused with PropertyInvalid, for this dataset and because of this property. */
export async function refused(name: string | undefined, property: string, body: () => unknown): Promise<void> {
  const error = await failure(PropertyInvalid, name, body)
  assert.is(error.details.property, property, inspect(error))
}
