import { checkProperty, checkValue } from '../command/check.ts'
import { ArgumentInvalid, DeviceNameInvalid, NameInvalid } from '../errors.ts'
import { checkPool } from '../lzc/checks.ts'
import { inputText } from '../properties/native.ts'
import type { PropertyInput } from '../properties/types.ts'

/** Names that no pool may have or begin with (zpoolconcepts(7), zpool-create(8)). */
const reserved = /^(?:mirror|raidz|draid|spare|log$)/

/** Throws NameInvalid or NameTooLong for what cannot be the name of a new pool. */
export function checkNewPool(name: string, asked: string): void {
  checkPool(name, asked)
  if (reserved.test(name)) throw new NameInvalid({ name, asked })
}

// No device is called as a word of the command is, or it would be that word. A path has a slash before all else.
const path = /^\/\P{Cc}+$/u
const short = /^[A-Za-z0-9][\w.:+=/-]*$/
const word = /^(?:mirror|raidz|draid|spare$|log$|cache$|special$|dedup$)/
const LONGEST = 1023

/** The device as a word of a command: an absolute path, or the name of a disk below /dev. Throws DeviceNameInvalid. */
export function checkDevice(device: string, asked: string): string {
  const isName = typeof device === 'string' && device.length <= LONGEST && device.isWellFormed()
  if (isName && (path.test(device) || (short.test(device) && !word.test(device) && !device.includes('..')))) {
    return device
  }
  throw new DeviceNameInvalid({ name: String(device), asked })
}

/**
 * A vdev of an existing pool as a word: a path, a name as `status` gives it (`mirror-0`), or a guid. Throws
 * DeviceNameInvalid.
 */
export function checkVdev(vdev: string | bigint, asked: string): string {
  if (typeof vdev === 'bigint' && vdev > 0n) return String(vdev)
  if (typeof vdev === 'string' && /^[a-z]+[1-3]?-\d+$/.test(vdev)) return vdev
  return checkDevice(String(vdev), asked)
}

/** At least one vdev. Throws ArgumentInvalid, DeviceNameInvalid. */
export function checkVdevs(vdevs: readonly (string | bigint)[], asked: string): string[] {
  if (Array.isArray(vdevs) && vdevs.length > 0) return vdevs.map((vdev) => checkVdev(vdev, asked))
  throw new ArgumentInvalid({ argument: 'the devices', asked, reason: 'must be an array of at least one' })
}

/** `name=value` of each property. Throws PropertyInvalid. */
export function assignments(
  properties: Readonly<Record<string, PropertyInput>>,
  name: string,
  asked: string,
): string[] {
  return Object.entries(properties).map(([property, value]) => {
    checkProperty(property, name, asked)
    const text = inputText(value)
    checkValue(property, text, name, asked)
    return `${property}=${text}`
  })
}

/** A path for an option, such as a mountpoint. Throws ArgumentInvalid. */
export function checkPath(given: string, argument: string, asked: string): string {
  if (typeof given === 'string' && path.test(given) && given.isWellFormed()) return given
  throw new ArgumentInvalid({ argument, asked, reason: 'must be an absolute path without control characters' })
}

/** One of a set of words. Throws ArgumentInvalid. */
export function checkWord<W extends string>(given: W, words: readonly W[], argument: string, asked: string): W {
  if (words.includes(given)) return given
  const reason = `is "${String(given)}", and must be one of ${words.join(', ')}`
  throw new ArgumentInvalid({ argument, asked, reason })
}
