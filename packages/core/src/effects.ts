/** What a running effect may use beside its arguments. */
export interface EffectContext {
  /** Fires when the operation is cancelled, or when the time for undoing has run out. */
  readonly signal: AbortSignal
  /** Reports progress on the step's event; never blocks, only the newest value is delivered. */
  progress(current: number, total?: number, unit?: string): void
  /** Delivers output as events, without loss; await it, so that a slow consumer slows the producer. */
  output(text: string, stream?: 'stdout' | 'stderr'): Promise<void>
  /** Of this one run: what is made carries it where that is possible, so that the inverse knows it again. */
  readonly mark: string
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
  /**
   * The inverse: the name of another effect of the table and its arguments; `null` says that there is none.
   * `mark` is that of the run. After a crash nobody knows whether the effect ran to its end: with the mark among its
   * arguments the inverse must do nothing where there is nothing to do, and take away only what bears the mark.
   */
  readonly undo: null | ((args: A, mark: string) => Inverse)
  readonly partial?: true
  /** Changes nothing: it also runs where effects are only planned. */
  readonly query?: true
  /**
   * Takes the place of `run` in a plan: it changes nothing but `world`, which the operation was given and its queries ask.
   * Without it the effect has no result, and no query would answer otherwise.
   */
  plan?(args: A, world: never): R | Promise<R>
  /** What it does ends with the kernel, as a mount does: after a power cut there is nothing to undo. */
  readonly volatile?: true
  /** What it starts may outlive its process: a journal tells of it also where nothing undoes it. */
  readonly outlives?: true
  /** Names of arguments that no plan shows. */
  readonly secrets?: readonly string[]
}

/** What a planned operation would have done: `payload.effect` of its events. */
export interface PlannedEffect {
  readonly name: string
  /** Without what is secret. */
  readonly args: object
}

export type Inverse = readonly [effect: string, args: object]

export type EffectTable = Readonly<Record<string, Effect>>

/** The table as a scope offers it: each effect a function of its arguments. */
export type Bound<T extends EffectTable> = {
  readonly [K in keyof T]: (args: Parameters<T[K]['run']>[0]) => Promise<Awaited<ReturnType<T[K]['run']>>>
}

/** Checks a table as it is written: each inverse must name an effect of the same table. */
export function defineEffects<
  const T extends {
    [K in keyof T]: Effect & { undo: null | ((args: never, mark: string) => readonly [keyof T, object]) }
  },
>(table: T): T {
  return table
}

/** The table of an operation that changes nothing: queries run, everything else is only thought of. */
export function plannedTable(table: EffectTable, world?: unknown): EffectTable {
  const entries = Object.entries(table).map(([name, effect]): [string, Effect] => [
    name,
    effect.query ? effect : { ...effect, run: (args) => effect.plan?.(args, world as never) },
  ])
  return Object.fromEntries(entries)
}

/** An effect as a plan shows it. */
export function showEffect(name: string, { secrets = [] }: Effect, args: object): PlannedEffect {
  const shown = Object.entries(args).map(([key, value]) =>
    secrets.includes(key) && value !== undefined && value !== null ? [key, '(secret)'] : [key, value],
  )
  return { name, args: Object.fromEntries(shown) }
}

/** The table as functions of their arguments, all carried out by `perform`. */
export function bind(
  table: EffectTable,
  perform: (name: string, args: object) => Promise<unknown>,
): Readonly<Record<string, (args: object) => Promise<unknown>>> {
  return Object.fromEntries(Object.keys(table).map((name) => [name, (args: object) => perform(name, args)]))
}
