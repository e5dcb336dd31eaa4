import type { Pending } from './read.ts'

/** What a dead process has made of a hook: it ran to its end, it may have run, or (null) it was not begun. */
export type HookRecord = (event: string, jail: string) => 'ended' | 'begun' | null

const commands = ['execOnHost', 'execInJail']

/** Whether it is a command whose end nobody has seen. */
export function isRunning({ effect, done }: Pending): boolean {
  return commands.includes(effect) && !done
}

/** What the journal of a dead process says of the hooks of jails. */
export function hooksOf(pending: readonly Pending[]): HookRecord {
  return (event, jail) => {
    const found = pending.filter((one) => one.event === event && one.identifier === jail)
    const run = found.filter(({ effect }) => commands.includes(effect))
    if (run.some(({ done }) => done)) return 'ended'
    return run.length > 0 ? 'begun' : null
  }
}
