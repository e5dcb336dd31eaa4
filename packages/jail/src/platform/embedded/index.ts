import { mkdirSync } from 'node:fs'
import type { EffectContext } from '@gaoler/core'
import { JailDestructionFailed } from '../../errors.ts'
import { unseen } from '../../plan/effect.ts'
import { plans } from '../../plan/platform.ts'
import { endHostCommand, runHostCommand } from '../host-command.ts'
import type { Command, LaunchParameters, Mount, Platform } from '../platform.ts'
import { execInJail } from './exec.ts'
import { hostUuid } from './host-uuid.ts'
import { JailProcesses } from './jail-processes.ts'
import { JailTable } from './jail-table.ts'
import { mount, unmount, unmountAll } from './mounts.ts'

export { EmbeddedStateDamaged, JailPathNotFound } from './errors.ts'

/**
 * Jails as ordinary processes in a directory: for development and tests, on any POSIX system, without root.
 *
 * It isolates nothing. Its state is kept below `directory`, is safe between processes, and outlives them: a jail is
 * there until it is removed, whoever made it. docs/platform-embedded.md says what it promises and what not.
 */
export function embeddedPlatform({ directory }: { directory: string }): Platform {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const table = new JailTable(directory)
  return {
    name: 'embedded',
    isolation: 'none: the commands of a jail are ordinary processes of the host, with all rights of their user',
    effects: {
      createJail: {
        run: async (wanted: LaunchParameters, { signal }: EffectContext) => {
          const { jid } = await table.create(wanted, signal)
          return { jid }
        },
        undo: ({ name }) => ['removeJail', { name }],
        plan: plans.createJail,
        volatile: true,
      },
      removeJail: {
        run: ({ name }: { name: string }, { signal }: EffectContext) => removeJail(table, name, signal),
        undo: null,
        plan: plans.removeJail,
        volatile: true,
      },
      mount: {
        run: (wanted: Mount & { name: string }) => mount(table, wanted),
        undo: ({ name, target }) => ['unmount', { name, target }],
        plan: plans.ofRunningJail,
        volatile: true,
      },
      unmount: {
        run: (wanted: { name: string; target: string }) => unmount(table, wanted),
        undo: null,
        plan: unseen,
        volatile: true,
      },
      detach: {
        run: (wanted: Mount & { name: string }) => unmount(table, wanted),
        undo: (mount) => ['remount', mount],
        plan: unseen,
        volatile: true,
      },
      remount: {
        run: (wanted: Mount & { name: string }) => {
          if (!table.find(wanted.name)) return
          // Who was interrupted may have taken half of it away.
          unmount(table, wanted)
          mount(table, wanted)
        },
        undo: null,
        plan: unseen,
        volatile: true,
      },
      // What a network would be made of is recorded with the jail; there is nothing to bring up or to take down.
      setUpNetwork: {
        run: ({ name }: { name: string }) => void table.require(name),
        undo: ({ name }) => ['tearDownNetwork', { name }],
        plan: plans.ofRunningJail,
        volatile: true,
      },
      tearDownNetwork: { run: () => {}, undo: null, plan: unseen, volatile: true },
      execInJail: {
        run: (command: Command & { name: string }, context: EffectContext) => execInJail(table, command, context),
        undo: null,
        plan: plans.execInJail,
        volatile: true,
        secrets: ['env'],
      },
      execOnHost: {
        run: (command: Command, context: EffectContext) => runHostCommand(command, context),
        undo: null,
        plan: plans.execOnHost,
        volatile: true,
        outlives: true,
        secrets: ['env'],
      },
      endCommand: {
        run: ({ mark }: { mark: string }) => endHostCommand(mark),
        undo: null,
        plan: () => 0,
        volatile: true,
      },
    },
    hostUuid: () => hostUuid(directory),
    // Recorded, whatever it is.
    parameterRefusal: () => null,
    findJail: (name) => {
      const jail = table.find(name)
      return jail && { name, jid: jail.jid }
    },
    hasLeftover: (name) => table.find(name)?.removing ?? false,
    // Who removes one forgets it last, and may have died before.
    listLeftovers: () => table.list().flatMap(({ name, removing }) => (removing ? [name] : [])),
    listJails: () => table.list().map(({ name, jid }) => ({ name, jid })),
  }
}

/** Can be repeated by anybody where it was interrupted: the jail is forgotten last. */
async function removeJail(table: JailTable, name: string, signal: AbortSignal): Promise<void> {
  const jail = table.find(name)
  if (!jail || !(await table.beginRemoval(jail))) return
  await new JailProcesses(table, jail).end(signal)
  await table.delete(jail, () => {
    try {
      unmountAll(table, jail)
    } catch (cause) {
      const reason = `its mounts cannot be taken away: ${(cause as Error).message}`
      throw new JailDestructionFailed({ jail: name, reason }, { cause })
    }
  })
}
