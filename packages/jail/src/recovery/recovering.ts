import type { Body, IocEvent } from '@gaoler/core'
import type { HostBase, HostEffects, HostScope } from '../host/host-base.ts'
import { RecoveryNeeded } from './errors.ts'

/**
 * The body of an operation that recovers first where that is needed: a lock that a dead process has held is refused, and the
 * body begins again when what that process has left is undone or completed. It takes its locks before it changes anything.
 */
export function recovering<R>(host: HostBase, body: Body<HostEffects, R>): Body<HostEffects, R> {
  return async function* (s: HostScope): AsyncGenerator<IocEvent, R, void> {
    try {
      return yield* run(s, body)
    } catch (error) {
      if (!(error instanceof RecoveryNeeded)) throw error
      const { recover } = await import('./recover.ts')
      yield* s.run(recover(host, { datasets: [error.details.dataset] }))
    }
    return yield* run(s, body)
  }
}

async function* run<R>(s: HostScope, body: Body<HostEffects, R>): AsyncGenerator<IocEvent, R, void> {
  const work = body(s)
  if (typeof work === 'object' && work !== null && Symbol.asyncIterator in work) return yield* work
  return await work
}
