import type { Effect } from '@gaoler/core'
import type { HostBase } from '@gaoler/jail'

/** An effect that is about to change something. */
export interface Watched {
  readonly name: string
  readonly args: object
  /** Of this one run: what its inverse knows it by. */
  readonly mark: string
  readonly effect: Effect
}

/** Puts `around` about every effect of a host that changes something, inverses too; `run` carries it out. Returns what ends that. */
export function watchEffects(host: HostBase, around: (watched: Watched, run: () => unknown) => unknown): () => void {
  const { effects } = host
  const watched = Object.entries(effects).map(([name, effect]: [string, Effect]) => [
    name,
    {
      ...effect,
      run: (args: object, context: { mark: string }) => {
        const run = (): unknown => effect.run(args as never, context as never)
        return effect.query ? run() : around({ name, args, mark: context.mark, effect }, run)
      },
    },
  ])
  Object.defineProperty(host, 'effects', { value: Object.fromEntries(watched), configurable: true })
  return () => void Object.defineProperty(host, 'effects', { value: effects, configurable: true })
}
