import type { ListOptions, Lzc, NamesOptions, Zfs, ZfsCalls } from '../zfs.ts'
import { abortReceive } from './abort-receive.ts'
import { allow, unallow } from './allow.ts'
import { inherit, set } from './change.ts'
import { diff } from './diff.ts'
import { few, fewSync } from './few.ts'
import { gather, iterate } from './iterate.ts'
import { get, list, query } from './list.ts'
import { mount, unmount } from './mount.ts'
import { names, namesSync } from './names.ts'
import { permissions } from './permissions.ts'
import { type Program, run, runSync } from './run.ts'
import { space } from './space.ts'
import { jail, zone } from './zone.ts'

/** One dataset, whatever it is; only the command knows bookmarks. */
const alone: ListOptions = { depth: 0, types: ['filesystem', 'volume', 'snapshot'] }

type Commands = Pick<Zfs, keyof ZfsCalls | `${keyof ZfsCalls}Sync` | 'iterate'>
type Programs = {
  readonly [K in Exclude<keyof ZfsCalls, 'names' | 'list' | 'get'>]: (
    ...args: Parameters<ZfsCalls[K]>
  ) => Program<ReturnType<ZfsCalls[K]>>
}

/** What only the command `zfs` can do, each as a promise and blocking. */
export function bindCommands(lzc: Lzc): Commands {
  const exists = (name: string): boolean => lzc.existsSync(name)
  const programs: Programs = {
    set: (name, properties) => set(name, properties, exists),
    inherit: (name, property) => inherit(name, property, exists),
    abortReceive: (name) => abortReceive(name, exists),
    mount: (name) => mount(name, exists),
    unmount: (name, { force = false } = {}) => unmount(name, force, exists),
    zone: (name, namespace) => zone('zone', name, namespace, exists),
    unzone: (name, namespace) => zone('unzone', name, namespace, exists),
    jail: (name, target) => jail('jail', name, target, exists),
    unjail: (name, target) => jail('unjail', name, target, exists),
    allow: (name, to, list, options = {}) => allow(name, to, list, options, exists),
    unallow: (name, to, list, options = {}) => unallow(name, to, list, options, exists),
    permissions: (name) => permissions(name, exists),
    userspace: (name) => space('userspace', name, exists),
    groupspace: (name) => space('groupspace', name, exists),
    projectspace: (name) => space('projectspace', name, exists),
    diff: (from, to) => diff(from, to, exists),
  }
  const bound: Record<string, unknown> = {}
  for (const [name, program] of Object.entries(programs) as [string, (...args: unknown[]) => Program<unknown>][]) {
    bound[name] = (...args: unknown[]) => run(program(...args), signalOf(args.at(-1)))
    bound[`${name}Sync`] = (...args: unknown[]) => runSync(program(...args))
  }
  const own = {
    names: (root: string, options?: NamesOptions) => names(root, options, lzc),
    namesSync: (root: string, options?: NamesOptions) => namesSync(root, options, lzc),
    list: async (options: ListOptions = {}) =>
      (await few(query(options, exists), options, lzc)) ?? gather(options, exists),
    listSync: (options: ListOptions = {}) =>
      fewSync(query(options, exists), options, lzc) ?? runSync(list(options, exists)),
    get: async (name: string, properties: readonly string[]) => {
      const one = { ...alone, root: name, properties }
      const found = await few(query(one, exists, `read "${name}"`), one, lzc)
      return found?.[0] ?? run(get(name, properties, exists))
    },
    getSync: (name: string, properties: readonly string[]) => {
      const one = { ...alone, root: name, properties }
      const found = fewSync(query(one, exists, `read "${name}"`), one, lzc)
      return found?.[0] ?? runSync(get(name, properties, exists))
    },
    iterate: (options: ListOptions = {}) => iterate(options, exists),
  }
  return Object.assign(bound, own) as unknown as Commands
}

function signalOf(options: unknown): AbortSignal | undefined {
  const signal = typeof options === 'object' && options !== null ? (options as { signal?: unknown }).signal : undefined
  // Where the last argument is no options, it may have a property of this name.
  return signal instanceof AbortSignal ? signal : undefined
}
