import type { IocEvent } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { type Sync, splitSync } from '../host/sync.ts'
import type { JailBase } from '../jail/jail-base.ts'
import type { Fstab } from './fstab.ts'
import { type AddLineOptions, readFstab } from './jail-fstab.ts'
import type { FstabLineInit } from './line.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** The fstab of a jail for scripts: as `JailFstabGenerator`, and each change blocks and returns its events. */
export class JailFstab {
  readonly #jail: JailBase

  constructor(jail: JailBase) {
    this.#jail = jail
  }

  get file(): string {
    return this.#jail.fstabFile
  }

  /** What is in the file now; every destination is a path of the host, below the jail's root. */
  read(): Fstab {
    return readFstab(this.#jail)
  }

  addLine(line: FstabLineInit, options: Sync<AddLineOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this.#jail.host, options)
    return bridge.collect('addLine', [this.#jail.descriptor, line, rest], call)
  }

  removeLine(index: number, options: Sync = {}): IocEvent[] {
    const [call, rest] = splitSync(this.#jail.host, options)
    return bridge.collect('removeLine', [this.#jail.descriptor, index, rest], call)
  }
}
