import { isComponent } from '@gaoler/zfs'
import type { JailBase } from '../jail/jail-base.ts'
import { InvalidSnapshotIdentifier } from './errors.ts'

/** Throws InvalidSnapshotIdentifier for what ZFS does not allow behind the `@`. */
export function checkSnapshotName(jail: JailBase, name: string): void {
  if (typeof name === 'string' && name.length <= 200 && isComponent(name)) return
  throw new InvalidSnapshotIdentifier({ snapshot: `${jail.fullName}@${String(name).slice(0, 300)}` })
}
