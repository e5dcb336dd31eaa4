/** One kind of event: the kind it derives from (or two, as a union), and the data it adds. */
export interface Kind<Parent extends string | null, Payload extends object = Record<never, never>> {
  readonly parent: Parent
  readonly payload: Payload
}

export type IsUnion<U, Each = U> = Each extends unknown ? ([U] extends [Each] ? false : true) : never

/** A kind's parent as the run-time table has it: its name, or a list where there are two. */
export type ParentValue<P> = true extends IsUnion<P> ? readonly P[] : P

/** The run-time table that belongs to an interface of kinds. */
export type ParentsOf<Kinds> = { readonly [K in keyof Kinds]: ParentValue<Kinds[K] extends Kind<infer P> ? P : never> }
