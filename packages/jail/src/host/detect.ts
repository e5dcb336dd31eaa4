import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { PlatformName } from '../platform/platform.ts'
import { PlatformUnavailable } from './errors.ts'

/** The real platform of this machine if it can be used, else the embedded one; `reason` is for people. */
export function detectPlatform(): { platform: PlatformName; reason: string } {
  const missing = missingFor('linux')
  if (missing === null) return { platform: 'linux', reason: 'this is Linux with OpenZFS and crun' }
  return { platform: 'embedded', reason: missing }
}

/** Throws PlatformUnavailable when the platform cannot be used here. */
export function requirePlatform(platform: PlatformName): void {
  const reason = missingFor(platform)
  if (reason !== null) throw new PlatformUnavailable({ platform, reason })
}

function missingFor(platform: PlatformName): string | null {
  if (platform === 'embedded') return null
  if (platform === 'freebsd') return 'its kernel calls are encoded and tested, its effects are not written yet'
  if (process.platform !== 'linux') return `this is ${process.platform} and not linux`
  if (process.getuid?.() !== 0) return 'you are not root'
  if (!usable('/dev/zfs')) return '/dev/zfs is missing: install zfsutils-linux and load the module zfs'
  if (!(process.env.PATH ?? '').split(delimiter).some((directory) => usable(join(directory, 'crun')))) {
    return 'crun is not installed'
  }
  return null
}

function usable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
