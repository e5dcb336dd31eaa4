import type { DatasetType } from '../zfs.ts'
import type { indices, numbers, strings } from './table.ts'
import type { words } from './words.ts'

type Numbers = typeof numbers
type Indices = typeof indices
type Strings = typeof strings
type Rows = Numbers & Indices & Strings

/** Names of the properties that ZFS itself has. */
export type PropertyName = keyof Rows

/** Everything that a property can be. null: not set, or not of this type of dataset. */
export type PropertyValue = bigint | boolean | number | string | readonly string[] | Date | null

type NumberValue<U> = U extends 'date' ? Date : U extends 'ratio' ? number : bigint
type IndexValue<W> = W extends 'flag'
  ? boolean
  : W extends keyof typeof words
    ? keyof (typeof words)[W] & string
    : never

/** The value of a property that has one. */
type Valued<P> = P extends 'type'
  ? DatasetType
  : P extends keyof Numbers
    ? NumberValue<Numbers[P]['unit']>
    : P extends keyof Indices
      ? IndexValue<Indices[P]['words']>
      : P extends keyof Strings
        ? Strings[P]['form'] extends 'names'
          ? readonly string[]
          : string
        : never

type Letter<T> = T extends 'filesystem' ? 'f' : T extends 'volume' ? 'v' : T extends 'snapshot' ? 's' : 'b'

/** null, where a dataset of the type may be without the property. */
type Absent<P extends PropertyName, T> = Rows[P] extends { readonly maybe: true }
  ? null
  : Rows[P]['on'] extends `${string}${Letter<T>}${string}`
    ? never
    : null

/** The value of the property P of a dataset of the type T. */
export type ValueOf<P extends string, T extends DatasetType = DatasetType> = string extends P
  ? PropertyValue
  : P extends PropertyName
    ? Valued<P> | Absent<P, T>
    : P extends `${string}:${string}`
      ? string | null
      : P extends `${string}@${string}` | `written#${string}`
        ? bigint | null
        : PropertyValue

/** What a property can be set to: what reading it gives, a word or text as `zfs set` takes it, or the native number. */
export type PropertyInput = string | bigint | number | boolean
