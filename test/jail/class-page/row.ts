// The rows of libioc’s class page.

/** Parts of Gaoler that are work of their own and not there yet. */
export const parts = {
  backup: 'export and import of jails are a part of their own',
  devices: 'rulesets of devfs are a part of their own',
  limits: 'limits are a part of their own',
  network: 'networks of jails are a part of their own',
  packages: 'packages in jails are a part of their own',
  provisioning: 'provisioning is a part of its own',
  updates: 'updates of releases and jails are a part of their own',
} as const

export type Part = keyof typeof parts

export interface Row {
  /** Its name here, where that is not libioc's in camelCase. */
  readonly as?: string
  /** Its arguments before the options. */
  readonly takes?: readonly string[]
  readonly options?: readonly string[]
  /** It yields events: every one takes an `eventScope`. */
  readonly operation?: true
  /** It is here, and not as libioc has it. */
  readonly but?: string
  /** What there is instead of it, or why there is nothing. */
  readonly differently?: string
  /** It comes with that part. */
  readonly later?: Part
}

export interface ClassPage {
  /** What it is, in a few words. */
  readonly about: string
  /** The classes that have the members: one, or the face for scripts and the one of generators. */
  readonly classes: readonly string[]
  /** Where its members are shown: looked through in this order. */
  readonly tests: readonly string[]
  /** What the constructor takes in its options. */
  readonly init: Readonly<Record<string, Row>>
  readonly members: Readonly<Record<string, Row>>
}

/** A row's name here. */
export function ourName(libioc: string, { as }: Row): string {
  return as ?? libioc.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Whether the package has the member. */
export function isMember({ differently, later }: Row): boolean {
  return differently === undefined && later === undefined
}
