import type { JailBase } from '../jail/jail-base.ts'
import { Fstab } from './fstab.ts'

/** What both faces of a jail's fstab share. */
export class JailFstabBase {
  protected readonly jail: JailBase

  constructor(jail: JailBase) {
    this.jail = jail
  }

  get file(): string {
    return this.jail.fstabFile
  }

  /** What is in the file now; every destination is a path of the host, below the jail's root. */
  read(): Fstab {
    return readFstab(this.jail)
  }
}

export function readFstab(jail: JailBase): Fstab {
  const file = jail.fstabFile
  return Fstab.parse(jail.host.files.readText(file) ?? '', file).below(jail.rootPath)
}
