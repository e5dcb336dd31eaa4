import { cloneRoot } from './standalone.ts'
import type { JailStorage } from './storage.ts'

export const zfsBasejail: JailStorage = {
  name: 'zfs-basejail',
  setup: cloneRoot,
  apply: () => null,
  teardown: () => null,
}
