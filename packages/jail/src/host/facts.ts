import { readFileSync } from 'node:fs'
import { machine, release } from 'node:os'
import { HostReleaseUnknown, HostUserlandVersionUnknown } from './errors.ts'

/** The processor, as `uname -m` has it. */
export function processor(): string {
  return machine()
}

/** The release that the kernel is of, as releases are named: `14.3-RELEASE`. Throws HostReleaseUnknown off FreeBSD. */
export function releaseVersion(kernel: string = release()): string {
  const [, found] = /^(\d+\.\d+-[A-Z][A-Z0-9]*)(?:-|$)/.exec(kernel) ?? []
  if (found === undefined) throw new HostReleaseUnknown({ found: kernel })
  return found
}

/** The version of the userland as a number, 14.3. Throws HostUserlandVersionUnknown off FreeBSD. */
export function userlandVersion(file: string = '/bin/freebsd-version'): number {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new HostUserlandVersionUnknown({}, { cause })
  }
  const [, found] = /^USERLAND_VERSION="(\d+\.\d+)-/m.exec(text) ?? []
  if (found === undefined) throw new HostUserlandVersionUnknown({ found: text.slice(0, 120) })
  return Number(found)
}
