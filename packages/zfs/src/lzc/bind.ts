import { StreamIOError } from '../errors.ts'
import { fill, fillSync } from '../stream/fill.ts'
import type { Lzc } from '../zfs.ts'
import type { Call } from './call.ts'
import { failureOf, refusalOf } from './failures.ts'
import { gate, inThread, poolPlaces } from './gate.ts'
import { type CFunction, coreFunction, coreHas, corePath } from './library.ts'
import { inOwnThread } from './long.ts'
import { cTypes, Marshalled } from './marshal.ts'
import { readFirst, readFirstAsync } from './read-first.ts'
import { table } from './table.ts'

type AnyCall = Call<unknown[], unknown>
type Bound = { sync: (...args: unknown[]) => unknown; async: (...args: unknown[]) => Promise<unknown> }

let longInPool = 0

/** Whether the installed libzfs_core has a call of the table. */
export function lzcSupports(name: string): boolean {
  return Object.hasOwn(table, name) && coreHas(table[name as keyof typeof table].symbol)
}

/** libzfs_core: each call of the table as a promise and blocking. The library is loaded by the first call. */
export function bindLzc(): Lzc {
  const bound: Record<string, unknown> = {}
  for (const [name, call] of Object.entries(table as unknown as Record<string, AnyCall>)) {
    const { sync, async } = bind(call)
    bound[name] = async
    bound[`${name}Sync`] = sync
  }
  return bound as Lzc
}

/** Both forms of one call. */
export function bind(original: AnyCall): Bound {
  // Which of two forms the library has is known once and for all; where there is no library it does not matter.
  let call = original
  const { later } = original
  const choose = (): void => {
    if (later && call === original && coreHas(later.marker)) call = { ...original, ...later }
  }
  // lzc_sync fails for a pool that is read-only or suspended, and else does no harm.
  const sync = table.sync as unknown as AnyCall
  const writable = original.needsWritable ? bind({ ...sync, asked: original.asked }) : undefined
  const find = (): CFunction => coreFunction(call.via ?? call.symbol, 'int', cTypes(call.parameters), call.since)
  return {
    sync: (...args) => {
      const short = shortcut(call, args)
      if (short) return short.answer
      choose()
      const marshalled = marshal(call, args)
      let returned: unknown
      try {
        const c = find()
        writable?.sync(args[0])
        const unread = call.readsFirst ? readFirst(marshalled.values, fillSync) : 0
        returned = unread || c(...marshalled.values)
      } catch (error) {
        marshalled.abandon()
        throw error
      }
      return conclude(call, args, marshalled, returned as number)
    },
    async: async (...args) => {
      const short = shortcut(call, args)
      if (short) return short.answer
      choose()
      const marshalled = marshal(call, args)
      let returned: unknown
      try {
        const c = find()
        await writable?.async(args[0])
        returned = await (call.long ? runLong(call, c, marshalled) : gate.run(() => inThread(c, marshalled.values)))
      } catch (error) {
        marshalled.abandon()
        throw error
      }
      return conclude(call, args, marshalled, returned as number)
    },
  }
}

function shortcut(call: AnyCall, args: unknown[]): { readonly answer: unknown } | undefined {
  try {
    return call.shortcut?.(...args)
  } catch (error) {
    throw refusalOf(call, args, error)
  }
}

/** Checks the arguments and puts them into C's form. */
function marshal(call: AnyCall, args: unknown[]): Marshalled {
  try {
    return new Marshalled(call.parameters, call.input(...args))
  } catch (error) {
    throw refusalOf(call, args, error)
  }
}

/**
 * A long call takes one of libuv's threads where that leaves one for short calls (and one for files), which is fast
 * to begin; else a thread of its own. So it never waits for another long call, which could be waiting for this one.
 */
async function runLong(call: AnyCall, c: CFunction, marshalled: Marshalled): Promise<unknown> {
  if (longInPool >= poolPlaces() - 1 || !gate.free) {
    const types = cTypes(call.parameters)
    const values = marshalled.addressed
    const first = call.readsFirst ? (marshalled.values.at(-1) as Uint8Array).length : 0
    return inOwnThread({ library: corePath(), symbol: call.via ?? call.symbol, types, values, first })
  }
  longInPool++
  try {
    return await gate.run(async () => {
      const unread = call.readsFirst ? await readFirstAsync(marshalled.values, fill) : 0
      return unread || inThread(c, marshalled.values)
    })
  } finally {
    longInPool--
  }
}

function conclude(call: AnyCall, args: unknown[], marshalled: Marshalled, returned: number): unknown {
  const out = marshalled.finish()
  if (call.returns === 'boolean') return call.output([returned !== 0, ...out], ...args)
  if (returned < 0) throw new StreamIOError({ errno: -returned, asked: call.asked(...args) })
  const failure = failureOf(call, args, { errno: returned, out, exists })
  if (failure) throw failure
  return call.output(out, ...args)
}

const { sync: exists } = bind(table.exists as unknown as AnyCall) as { sync: (name: string) => boolean }
