import { ZFSError } from '../errors.ts'
import { nameKind, poolOf } from '../names.ts'
import type { NvList, NvValue } from '../nvlist/types.ts'
import { canonicalName, isUserProperty } from '../properties/names.ts'
import type { Dataset, DatasetType, ListOptions, Lzc, Property } from '../zfs.ts'
import { propertyOf, type Source } from './dataset.ts'
import type { Query } from './list.ts'

/** Properties of which the kernel says the same as the command. `mounted`, say, only libzfs can tell (zfs-program(8)). */
const known: ReadonlySet<string> = new Set(['origin', 'clones', 'userrefs', 'createtxg', 'mountpoint', 'canmount'])

/** So many are asked for one by one: of more, the command is faster. */
const MOST = 24

// A source is the name of the dataset that has the value, or one of two words (dsl_prop_get_ds of OpenZFS).
const program = `
local argv = (...)["argv"]
local wanted = {}
for _, type in ipairs(argv["types"]) do wanted[type] = true end
local found, n = {}, 0
local function show(name)
  local type = zfs.get_prop(name, "type")
  if not wanted[type] then return end
  n = n + 1
  if n > argv["most"] then error("more than that") end
  local values, sources = {}, {}
  for _, property in ipairs(argv["properties"]) do
    values[property], sources[property] = zfs.get_prop(name, property)
  end
  found[name] = { type = type, txg = zfs.get_prop(name, "createtxg"), values = values, sources = sources }
end
local function walk(name, depth)
  show(name)
  if depth == 0 then return end
  if wanted["snapshot"] then
    for snapshot in zfs.list.snapshots(name) do show(snapshot) end
  end
  for child in zfs.list.children(name) do walk(child, depth - 1) end
end
if argv["depth"] < 0 then show(argv["root"]) else walk(argv["root"], argv["depth"]) end
return found`

/**
 * Reads a few datasets in one call of the kernel, in a hundredth of the time that a process takes. Undefined where the command
 * has to be asked: for what only that can tell, for many, without root's rights, and for the words when something is wrong.
 */
export async function few(asked: Query, options: ListOptions, lzc: Lzc): Promise<Dataset[] | undefined> {
  const call = callOf(asked, options)
  if (!call || options.signal?.aborted) return undefined
  try {
    return datasetsOf(await lzc.channelProgramNosync(...call), asked)
  } catch (error) {
    return refused(error)
  }
}

/** The same, blocking. */
export function fewSync(asked: Query, options: ListOptions, lzc: Lzc): Dataset[] | undefined {
  const call = callOf(asked, options)
  if (!call) return undefined
  try {
    return datasetsOf(lzc.channelProgramNosyncSync(...call), asked)
  } catch (error) {
    return refused(error)
  }
}

type Call = Parameters<Lzc['channelProgramNosync']>

function callOf({ columns, types }: Query, { root, depth = 255 }: ListOptions): Call | undefined {
  if (root === undefined || columns.length === 0) return undefined
  const kind = nameKind(root)
  const pool = poolOf(root)
  // In a pool of that name a source could mean two things.
  if ((kind !== 'filesystem' && kind !== 'snapshot') || pool === 'default') return undefined
  if (!columns.every((property) => known.has(property) || isUserProperty(property))) return undefined
  // No program is told what a bookmark has.
  if (types.includes('bookmark')) return undefined
  const levels = kind === 'snapshot' ? -1n : BigInt(depth)
  const params = { root, depth: levels, types, properties: columns, most: BigInt(MOST) }
  return [pool, program, { params, memoryLimit: 1_048_576 }]
}

function refused(error: unknown): undefined {
  if (!(error instanceof ZFSError)) throw error
}

/** In the order of `zfs list`: each dataset followed by its snapshots, from the oldest to the newest. */
function datasetsOf(answer: NvValue | undefined, { properties }: Query): Dataset[] {
  const entries = Array.from(answer as NvList, ([name, entry]) => ({ name, entry: entry as NvList }))
  const own = (name: string): Buffer => Buffer.from(name.split('@')[0] as string)
  const age = (name: string, entry: NvList): bigint => (name.includes('@') ? (entry.get('txg') as bigint) : -1n)
  entries.sort(
    (a, b) => Buffer.compare(own(a.name), own(b.name)) || Number(age(a.name, a.entry) - age(b.name, b.entry)),
  )
  return entries.map(({ name, entry }) => datasetOf(name, entry, properties))
}

function datasetOf(name: string, entry: NvList, asked: readonly string[]): Dataset {
  const type = entry.get('type') as DatasetType
  const [values, sources] = [entry.get('values') as NvList, entry.get('sources') as NvList]
  const properties: Record<string, Property> = Object.create(null)
  for (const property of asked) {
    const column = canonicalName(property)
    const source = sourceOf(sources.get(column) as string | undefined, name)
    properties[property] = propertyOf(property, textOf(values.get(column)), source, type)
  }
  return { name, type, properties } as Dataset
}

/** As the command prints it with `-p`. */
function textOf(value: NvValue | undefined): string {
  if (value === undefined) return '-'
  // Clones: names, by numbers.
  return value instanceof Map ? [...value.values()].join(',') : String(value)
}

function sourceOf(source: string | undefined, name: string): Source {
  if (source === undefined) return { source: 'none' }
  if (source === 'default') return { source }
  if (source === '$recvd') return { source: 'received' }
  return source === name ? { source: 'local' } : { source: 'inherited', from: source }
}
