import { createRequire } from 'node:module'
import { ZFSInitializationFailed } from '../errors.ts'

type Koffi = typeof import('koffi')

let koffi: Koffi | undefined

/**
 * koffi, loaded when C is first called: whoever uses the embedded ZFS on a system for which koffi has no binary must
 * not fail while importing. Throws ZFSInitializationFailed.
 */
export function loadKoffi(): Koffi {
  try {
    koffi ??= createRequire(import.meta.url)('koffi') as Koffi
    return koffi
  } catch (cause) {
    throw new ZFSInitializationFailed({ reason: 'koffi has no binary for this system' }, { cause })
  }
}
