import type { Lzc, Zfs, ZfsCalls } from '../zfs.ts'
import { inherit, set } from './change.ts'
import { type Ability, get, list } from './list.ts'
import { mount, unmount } from './mount.ts'
import { type Program, run, runSync } from './run.ts'

type Commands = Pick<Zfs, keyof ZfsCalls | `${keyof ZfsCalls}Sync`>
type Programs = {
  readonly [K in keyof ZfsCalls]: (...args: Parameters<ZfsCalls[K]>) => Program<ReturnType<ZfsCalls[K]>>
}

/** What only the command `zfs` can do, each as a promise and blocking. */
export function bindCommands(lzc: Lzc, ability: Ability = {}): Commands {
  const exists = (name: string): boolean => lzc.existsSync(name)
  const programs: Programs = {
    list: ({ signal: _, ...options } = {}) => list(options, exists, ability),
    get: (name, properties) => get(name, properties, exists, ability),
    set: (name, properties) => set(name, properties, exists),
    inherit: (name, property) => inherit(name, property, exists),
    mount: (name) => mount(name, exists, ability),
    unmount: (name, { force = false } = {}) => unmount(name, force, exists, ability),
  }
  const bound: Record<string, unknown> = {}
  for (const [name, program] of Object.entries(programs) as [string, (...args: unknown[]) => Program<unknown>][]) {
    bound[name] = (...args: unknown[]) => run(program(...args), signalOf(args[0]))
    bound[`${name}Sync`] = (...args: unknown[]) => runSync(program(...args))
  }
  return bound as Commands
}

function signalOf(options: unknown): AbortSignal | undefined {
  return typeof options === 'object' && options !== null ? (options as { signal?: AbortSignal }).signal : undefined
}
