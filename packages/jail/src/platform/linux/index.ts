import { readFileSync } from 'node:fs'
import { HostNotSuitable } from '../../errors.ts'
import { unseen } from '../../plan/effect.ts'
import { plans } from '../../plan/platform.ts'
import { endHostCommand, runHostCommand } from '../host-command.ts'
import type { Platform, PlatformEffects } from '../platform.ts'
import { createJail } from './create.ts'
import { endCommandInJail, execInJail } from './exec.ts'
import type { LinuxHost } from './host.ts'
import { filesOf, layoutOf } from './layout.ts'
import { mountInJail, unmountInJail } from './mounts.ts'
import { verifyNetwork } from './network.ts'
import { parameterRefusal } from './parameters.ts'
import { machineUuid } from './proc.ts'
import { findPrograms, type Programs } from './programs.ts'
import { findRunning, isLeftover, listLeftovers, listRunning, namespaceOf } from './record.ts'
import { removeJail } from './remove.ts'

export interface LinuxPlatformOptions {
  /** Where running jails are recorded: a directory that a reboot empties. Default `/run/gaoler`. */
  readonly runDirectory?: string
  /** The cgroup below which each jail has its own, as a path below the root of cgroup v2. Default `gaoler`. */
  readonly cgroup?: string
  /** Absolute paths of programs; default: where the host has them. */
  readonly programs?: Partial<Programs>
}

/** Jails as crun makes them: docs/platform-linux.md says what is isolated and how. Opening it touches nothing. */
export function linuxPlatform(options: LinuxPlatformOptions = {}): Platform {
  let programs: Programs | undefined
  const host: LinuxHost = {
    layout: layoutOf(options.runDirectory ?? '/run/gaoler', options.cgroup ?? 'gaoler'),
    programs: () => {
      programs ??= findPrograms(options.programs)
      return programs
    },
  }
  return {
    name: 'linux',
    isolation:
      'its own user, mount, pid, uts, ipc, network and cgroup namespace on the shared Linux kernel; its root is no root outside',
    effects: effectsOf(host),
    hostUuid,
    parameterRefusal,
    findJail: (name) => {
      const running = findRunning(filesOf(host.layout, name))
      return running && { name, jid: running.init.pid }
    },
    hasLeftover: (name) => isLeftover(filesOf(host.layout, name)),
    listLeftovers: () => listLeftovers(host.layout),
    datasetNamespace: (name) => namespaceOf(filesOf(host.layout, name)),
    listJails: () => listRunning(host.layout).map(({ name, init }) => ({ name, jid: init.pid })),
  }
}

function effectsOf(host: LinuxHost): PlatformEffects {
  return {
    createJail: {
      run: (launch, context) => createJail(host, launch, context),
      undo: ({ name }) => ['removeJail', { name }],
      plan: plans.createJail,
      volatile: true,
    },
    removeJail: {
      run: (jail, context) => removeJail(host, jail, context),
      undo: null,
      plan: plans.removeJail,
      volatile: true,
    },
    mount: {
      run: (mount) => mountInJail(host, mount),
      undo: ({ name, target }) => ['unmount', { name, target }],
      plan: plans.ofRunningJail,
      volatile: true,
    },
    unmount: { run: (mount) => unmountInJail(host, mount), undo: null, plan: unseen, volatile: true },
    detach: {
      run: (mount) => unmountInJail(host, mount),
      undo: (mount) => ['remount', mount],
      plan: unseen,
      volatile: true,
    },
    remount: {
      run: async (mount) => {
        // What is there already is only looked at.
        if (findRunning(filesOf(host.layout, mount.name))) await mountInJail(host, mount)
      },
      undo: null,
      plan: unseen,
      volatile: true,
    },
    setUpNetwork: {
      run: (jail) => verifyNetwork(host, jail),
      undo: ({ name }) => ['tearDownNetwork', { name }],
      plan: plans.ofRunningJail,
      volatile: true,
    },
    // The network namespace goes with the jail, and takes its interfaces along.
    tearDownNetwork: { run: () => {}, undo: null, plan: unseen, volatile: true },
    execInJail: {
      run: (command, context) => execInJail(host, command, context),
      undo: null,
      plan: plans.execInJail,
      volatile: true,
      secrets: ['env'],
    },
    execOnHost: {
      run: (command, context) => runHostCommand(command, context),
      undo: null,
      plan: plans.execOnHost,
      volatile: true,
      outlives: true,
      secrets: ['env'],
    },
    endCommand: {
      run: async ({ mark }) => (await endHostCommand(mark)) + (await endCommandInJail(host, mark)),
      undo: null,
      plan: () => 0,
      volatile: true,
    },
  }
}

function hostUuid(): string {
  const uuid = ['/etc/machine-id', '/var/lib/dbus/machine-id'].map(readId).find((id) => id !== null)
  if (uuid !== undefined && uuid !== null) return uuid
  throw new HostNotSuitable({
    reason: 'it has no /etc/machine-id: run systemd-machine-id-setup, or dbus-uuidgen --ensure',
  })
}

function readId(path: string): string | null {
  try {
    return machineUuid(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}
