import type { Lzc } from '../zfs.ts'
import type { Call } from './call.ts'
import { failureOf, refusalOf } from './failures.ts'
import { Gate, poolPlaces } from './gate.ts'
import { type CFunction, coreFunction } from './library.ts'
import { cTypes, Marshalled } from './marshal.ts'
import { table } from './table.ts'

type AnyCall = Call<unknown[], unknown>
type Bound = { sync: (...args: unknown[]) => unknown; async: (...args: unknown[]) => Promise<unknown> }

const gate = new Gate(poolPlaces())

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
export function bind(call: AnyCall): Bound {
  const types = cTypes(call.parameters)
  const find = (): CFunction => coreFunction(call.symbol, 'int', types, call.since)
  return {
    sync: (...args) => {
      const short = call.shortcut?.(...args)
      if (short) return short.answer
      const marshalled = marshal(call, args)
      let returned: unknown
      try {
        returned = find()(...marshalled.values)
      } catch (error) {
        marshalled.abandon()
        throw error
      }
      return conclude(call, args, marshalled, returned as number)
    },
    async: async (...args) => {
      const short = call.shortcut?.(...args)
      if (short) return short.answer
      const marshalled = marshal(call, args)
      let returned: unknown
      try {
        const c = find()
        returned = await gate.run(() => inThread(c, marshalled.values))
      } catch (error) {
        marshalled.abandon()
        throw error
      }
      return conclude(call, args, marshalled, returned as number)
    },
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

function inThread(c: CFunction, values: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    c.async(...values, (error, result) => (error ? reject(error) : resolve(result)))
  })
}

function conclude(call: AnyCall, args: unknown[], marshalled: Marshalled, returned: number): unknown {
  const out = marshalled.finish()
  if (call.returns === 'boolean') return call.output([returned !== 0, ...out], ...args)
  const failure = failureOf(call, args, { errno: returned, out, exists })
  if (failure) throw failure
  return call.output(out, ...args)
}

const { sync: exists } = bind(table.exists as unknown as AnyCall) as { sync: (name: string) => boolean }
