import { cloneRoot } from './standalone.ts'
import type { JailStorage } from './storage.ts'

export const nullfsBasejail: JailStorage = {
  name: 'nullfs-basejail',
  setup: cloneRoot,
  apply: () => null,
  teardown: () => null,
}
