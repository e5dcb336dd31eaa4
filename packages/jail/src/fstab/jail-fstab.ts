import type { IocEvent } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { type Sync, splitSync } from '../host/sync.ts'
import { JailFstabBase } from './jail-fstab-base.ts'
import type { AddLineOptions } from './jail-fstab-generator.ts'
import type { FstabLineInit } from './line.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** The fstab of a jail for scripts: as `JailFstabGenerator`, and each change blocks and returns its events. */
export class JailFstab extends JailFstabBase {
  /** Adds a line; what is not below the jail's root is a path in the jail. Throws InvalidFstabLine, FstabDestinationExists, MountFailed. */
  addLine(line: FstabLineInit, options: Sync<AddLineOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this.jail.host, options)
    return bridge.collect('addLine', [this.jail.descriptor, line, rest], call)
  }

  /** Removes the line at `index` of `read().lines`; a running jail loses the mount first. */
  removeLine(index: number, options: Sync = {}): IocEvent[] {
    const [call, rest] = splitSync(this.jail.host, options)
    return bridge.collect('removeLine', [this.jail.descriptor, index, rest], call)
  }
}
