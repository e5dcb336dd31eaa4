// Nothing here runs: the compiler compares the classes with test/jail/class-page.ts, and names what is missing.
import type * as jail from '@gaoler/jail'
import type { classPage } from '../jail/class-page.ts'

/** The classes, with those that are exported as types only because nobody makes them. */
type Classes = typeof jail & {
  readonly Datasets: new (options: object) => jail.Datasets
  readonly RootDatasets: new (options: object) => jail.RootDatasets
  readonly Snapshots: new (options: object) => jail.Snapshots
  readonly SnapshotsGenerator: new (options: object) => jail.SnapshotsGenerator
  readonly JailFstab: new (options: object) => jail.JailFstab
  readonly JailFstabGenerator: new (options: object) => jail.JailFstabGenerator
}
type Pages = typeof classPage

type Camel<S> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S
/** A member's name here; never of a row that says why there is none. */
type Ours<Name, Row> = Row extends { differently: string } | { later: string }
  ? never
  : Row extends { as: infer As extends string }
    ? As
    : Camel<Name>

type Instance<C> = C extends abstract new (...args: never) => infer I ? I : never
type Init<C> = C extends abstract new (...args: infer A) => unknown ? Last<A> : never
type Last<A extends readonly unknown[]> = Required<A> extends readonly [...unknown[], infer L] ? L : never
type Options<F> = F extends (...args: infer A) => unknown ? Last<A> : never

type MissingMembers<I, Members> = {
  [Name in keyof Members]: Exclude<Ours<Name, Members[Name]>, keyof I>
}[keyof Members]

type MissingInit<C, Rows> = { [Name in keyof Rows]: Exclude<Ours<Name, Rows[Name]>, keyof Init<C>> }[keyof Rows]

/** Options that the method of a row does not take; the face for scripts has no scopes. */
type MissingOptions<I, Members, ClassName> = {
  [Name in keyof Members]: Ours<Name, Members[Name]> extends keyof I
    ? `${Name & string}: ${Exclude<Wanted<Members[Name], ClassName>, keyof Options<I[Ours<Name, Members[Name]>]>> & string}`
    : never
}[keyof Members]

type Wanted<Row, ClassName> =
  | (Row extends { options: readonly (infer O)[] } ? O : never)
  | (Row extends { operation: true }
      ? ClassName extends `${string}Generator`
        ? 'eventScope' | 'signal'
        : never
      : never)

type Missing<ClassName, Page> = ClassName extends keyof Classes
  ? Page extends { members: infer Members; init: infer Rows }
    ?
        | MissingMembers<Instance<Classes[ClassName]>, Members>
        | MissingInit<Classes[ClassName], Rows>
        | MissingOptions<Instance<Classes[ClassName]>, Members, ClassName>
    : never
  : never

type AllMissing = {
  [P in keyof Pages]: Pages[P] extends { classes: readonly (infer Name)[] } ? Missing<Name, Pages[P]> : never
}[keyof Pages]

declare const missing: Exclude<AllMissing, ''>
/** Fails with the names of what is missing in its message. */
export const nothing: never = missing
