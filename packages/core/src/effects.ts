/** What a running effect may use beside its arguments. */
export interface EffectContext {
  /** Fires when the operation is cancelled, or when the time for undoing has run out. */
  readonly signal: AbortSignal
  /** Reports progress on the step's event; never blocks, only the newest value is delivered. */
  progress(current: number, total?: number, unit?: string): void
  /** Delivers output as events, without loss; await it, so that a slow consumer slows the producer. */
  output(text: string, stream?: 'stdout' | 'stderr'): Promise<void>
}

/**
 * One way to touch the world, with its inverse beside it.
 *
 * An effect that throws has done nothing, and nothing is registered for it. One that can fail half-way says `partial`:
 * its inverse then runs also after a failure and recognises by a mark what was its own.
 * Arguments are plain data and alone identify what is made, so that a plan can show them and a journal can undo them.
 */
export interface Effect<A extends object = never, R = unknown> {
  run(args: A, context: EffectContext): R | Promise<R>
  /** The inverse: the name of another effect of the table and its arguments; `null` says that there is none. */
  readonly undo: null | ((args: A) => Inverse)
  readonly partial?: true
  /** Changes nothing: it also runs where effects are only planned. */
  readonly query?: true
}

export type Inverse = readonly [effect: string, args: object]

export type EffectTable = Readonly<Record<string, Effect>>

/** The table as a scope offers it: each effect a function of its arguments. */
export type Bound<T extends EffectTable> = {
  readonly [K in keyof T]: (args: Parameters<T[K]['run']>[0]) => Promise<Awaited<ReturnType<T[K]['run']>>>
}

/** Checks a table as it is written: each inverse must name an effect of the same table. */
export function defineEffects<
  const T extends { [K in keyof T]: Effect & { undo: null | ((args: never) => readonly [keyof T, object]) } },
>(table: T): T {
  return table
}

/** The table as functions of their arguments, all carried out by `perform`. */
export function bind(
  table: EffectTable,
  perform: (name: string, args: object) => Promise<unknown>,
): Readonly<Record<string, (args: object) => Promise<unknown>>> {
  return Object.fromEntries(Object.keys(table).map((name) => [name, (args: object) => perform(name, args)]))
}
