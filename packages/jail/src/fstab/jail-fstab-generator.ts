import type { Operation, OperationOptions } from '@gaoler/core'
import { isWhole } from '../config/json.ts'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import { InvalidFstabLine } from './errors.ts'
import { type AddOptions, Fstab } from './fstab.ts'
import { JailFstabBase, readFstab } from './jail-fstab-base.ts'
import { type FstabLine, type FstabLineInit, fstabLine } from './line.ts'
import { isMounted, mountOf } from './mounts.ts'

export interface AddLineOptions extends AddOptions, OperationOptions {
  /** Make the directory in the jail, and those above it; they stay when the line goes. */
  readonly autoCreateDestination?: boolean
  /** Mount at once when the jail runs; default true. */
  readonly autoMountJail?: boolean
}

/** The fstab of a jail: read as a value, changed by operations, which also mount and unmount while the jail runs. */
export class JailFstabGenerator extends JailFstabBase {
  /**
   * Adds a line. A destination that is not below the jail's root is taken as a path in the jail.
   * Throws InvalidFstabLine, FstabDestinationExists, InsecureJailPath, MountFailed.
   */
  addLine(line: FstabLineInit, options: AddLineOptions = {}): Operation<void> {
    const { skipExisting, replace, autoCreateDestination = false, autoMountJail = true, ...rest } = options
    return update(this.jail, rest, async (t, fstab, jail) => {
      const [wanted] = new Fstab(this.file, [fstabLine(line)]).below(jail.rootPath).lines as [FstabLine]
      mountOf(wanted)
      const changed = fstab.add(wanted, { skipExisting, replace })
      if (changed === fstab) return fstab
      const { rootPath: below, identifier: name, running } = jail
      const hot = running && autoMountJail
      const replaced = hot ? fstab.lines[fstab.indexOf(wanted.destination)] : undefined
      const mounted = replaced && isMounted(replaced) ? mountOf(replaced) : null
      // Below what is mounted there now nothing can be looked at, and nothing need be made.
      const missing = mounted ? [] : jail.host.files.missing(wanted.destination, below)
      if (autoCreateDestination) for (const path of missing) await t.host.makeDirectory({ path, below })
      if (hot) {
        if (mounted) await t.host.detach({ ...mounted, name })
        if (isMounted(wanted)) await t.host.mount({ ...mountOf(wanted), name })
      }
      return changed
    })
  }

  /** Removes the line at `index` of `read().lines`; a running jail loses the mount first. */
  removeLine(index: number, options: OperationOptions = {}): Operation<void> {
    return update(this.jail, options, async (t, fstab, jail) => {
      const changed = fstab.remove(index)
      const line = fstab.lines[index] as FstabLine
      const { running, identifier: name } = jail
      if (running && isMounted(line)) await t.host.detach({ ...mountOf(line), name })
      return changed
    })
  }
}

/** Writes the fstab of a jail, as a step's effect; nothing happens when it is as it was. */
export async function writeFstab(t: HostScope, jail: JailBase, fstab: Fstab): Promise<void> {
  const path = jail.fstabFile
  const previous = jail.host.files.readText(path)
  const content = fstab.toString()
  requireText(path, previous)
  if (content === (previous ?? '')) return t.skip('unchanged')
  await t.host.writeFile({ path, content, previous, mode: 0o600 })
}

/** Throws InvalidFstabLine where the file holds bytes that are no text: they would not be written as they were. */
function requireText(file: string, text: string | null): void {
  if (text === null || isWhole(text, file)) return
  const line = text.split('\n').find((each) => each.includes('\ufffd')) as string
  throw new InvalidFstabLine({ file, line, reason: 'it is not UTF-8' })
}

function update(
  asked: JailBase,
  options: OperationOptions,
  change: (t: HostScope, fstab: Fstab, jail: JailBase) => Promise<Fstab>,
): Operation<void> {
  const jail = asked.viewFor(options)
  return jail.host.operation(
    'JailFstabUpdate',
    async (t) => {
      jail.requireJailExisting()
      t.use(jail.lock('change of the fstab'))
      await writeFstab(t, jail, await change(t, readFstab(jail), jail))
    },
    { ...options, identifier: jail.fullName, payload: { path: jail.fstabFile } },
  )
}
