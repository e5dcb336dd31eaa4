import {
  CallNotSupported,
  FilesystemNotFound,
  PermissionDenied,
  ZCPMemoryError,
  ZCPPermissionError,
  ZCPSpaceError,
  ZCPTimeout,
} from '../errors.ts'
import { checkName, poolOf } from '../names.ts'
import type { NvValue } from '../nvlist/types.ts'
import type { Lzc, NamesOptions } from '../zfs.ts'
import { checkListed } from './check.ts'
import { list } from './list.ts'
import { run, runSync } from './run.ts'

// One text is far smaller than a list with a pair for each name (openzfs#10801). What could be destroyed has nothing below
// it: asking that is six times as fast as opening the dataset, and the kernel opens what is not mounted to list its children.
const program = `
local argv = (...)["argv"]
local names, n = {}, 0
local function walk(name, depth)
  if argv["type"] == nil or zfs.get_prop(name, "type") == argv["type"] then
    n = n + 1
    names[n] = name
  end
  if depth > 0 and zfs.check.destroy(name) ~= 0 then
    for child in zfs.list.children(name) do walk(child, depth - 1) end
  end
end
walk(argv["root"], argv["depth"])
return table.concat(names, "\\n")`

/** More levels than a name can have: 255 characters. */
const EVERY_LEVEL = 255

/** The kernel's own limits (zfs-program(8)) are 100 million and 100 MiB. */
const limits = { instructionLimit: 100_000_000, memoryLimit: 64 * 1_048_576 }

/** What means that a command has to be asked: no root, too many names, no channel programs. */
const refusals = [PermissionDenied, ZCPPermissionError, ZCPSpaceError, ZCPMemoryError, ZCPTimeout, CallNotSupported]

/** Root asks the kernel in one call, several times faster than `zfs list`; who may not, or has too many, the command. */
export async function names(root: string, options: NamesOptions | undefined, lzc: Lzc): Promise<string[]> {
  const call = check(root, options, lzc)
  try {
    return sorted(await lzc.channelProgramNosync(...call))
  } catch (error) {
    refuse(error)
    return namesOf(await run(list({ root, ...options }, lzc.existsSync)))
  }
}

/** The same, blocking. */
export function namesSync(root: string, options: NamesOptions | undefined, lzc: Lzc): string[] {
  const call = check(root, options, lzc)
  try {
    return sorted(lzc.channelProgramNosyncSync(...call))
  } catch (error) {
    refuse(error)
    return namesOf(runSync(list({ root, ...options }, lzc.existsSync)))
  }
}

const both = ['filesystem', 'volume'] as const

function check(root: string, options: NamesOptions | undefined, lzc: Lzc): Parameters<Lzc['channelProgramNosync']> {
  const { depth = EVERY_LEVEL, types = both } = options ?? {}
  const asked = `list the names below "${root}"`
  checkName(root, 'filesystem', asked)
  checkListed({ root, depth, types }, asked, both)
  if (!lzc.existsSync(root)) throw new FilesystemNotFound({ name: root, asked })
  const type = both.every((each) => types.includes(each)) ? {} : { type: types[0] }
  return [poolOf(root), program, { params: { root, depth: BigInt(depth), ...type }, ...limits }]
}

/** The order of `zfs list`, by bytes. */
function sorted(answer: NvValue | undefined): string[] {
  // Of no name at all the program makes an empty text.
  return answer === '' ? [] : String(answer).split('\n').sort()
}

function refuse(error: unknown): void {
  if (!refusals.some((refusal) => error instanceof refusal)) throw error
}

function namesOf(datasets: readonly { readonly name: string }[]): string[] {
  return datasets.map(({ name }) => name)
}
