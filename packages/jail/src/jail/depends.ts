import type { IocEvent, Step } from '@gaoler/core'
import type { HostScope } from '../host/host-base.ts'
import { JailDependencyCycle } from './errors.ts'
import { JailBase } from './jail-base.ts'
import { start } from './start.ts'

/** Starts the jails that `jail` depends on, one by one; those that run already are skipped. Undone with the caller. */
export async function* startDependencies(
  s: HostScope,
  jail: JailBase,
  names: readonly string[],
  path: readonly string[],
): AsyncGenerator<IocEvent, void, void> {
  const started: string[] = []
  for (const name of names) {
    if (path.includes(name)) throw new JailDependencyCycle({ jail: jail.fullName, path: [...path, name] })
    const dependency = new JailBase(name, { host: jail.host })
    yield* startOne(s, dependency, path, started)
  }
  s.set({ started })
}

function startOne(s: HostScope, dependency: JailBase, path: readonly string[], started: string[]): Step<unknown> {
  return s.step(
    'JailDependantStart',
    async function* (t) {
      yield* t.run(start(dependency, { dependantJailsSeen: path }))
      started.push(dependency.fullName)
    },
    { identifier: dependency.fullName, unless: dependency.running && 'already running' },
  )
}
