import { existsSync } from 'node:fs'
import { arch } from 'node:os'
import { DistributionUnknown } from '../host/errors.ts'
import { HostBase } from '../host/host-base.ts'

export interface DistributionInit {
  readonly host?: HostBase
  /** An https, http or file URL of a folder with a folder for each release; default: FreeBSD's own. */
  readonly mirror?: string
  /** An https, http or file URL of FreeBSD's page of unsupported releases. */
  readonly eolUrl?: string
}

/** What both faces of a distribution share: where releases come from. */
export class DistributionBase {
  readonly host: HostBase
  readonly eolUrl: string
  readonly #mirror: string | undefined

  constructor({ host = HostBase.open(), mirror, eolUrl }: DistributionInit = {}) {
    this.host = host
    this.eolUrl = eolUrl ?? 'https://www.freebsd.org/security/unsupported/'
    this.#mirror = mirror
  }

  /** `HardenedBSD` where its updater is installed, else `FreeBSD`: also elsewhere, releases are in FreeBSD's layout. */
  get name(): 'FreeBSD' | 'HardenedBSD' {
    return process.platform === 'freebsd' && existsSync('/usr/sbin/hbsd-update') ? 'HardenedBSD' : 'FreeBSD'
  }

  /** Throws DistributionUnknown for HardenedBSD without a mirror: the one that libioc knew is gone. */
  get mirrorUrl(): string {
    if (this.#mirror !== undefined) return this.#mirror
    if (this.name !== 'FreeBSD') throw new DistributionUnknown({ distribution: this.name })
    return freebsdMirror(arch())
  }

  /** The file beside a release's archives that has their digests. */
  get hashFile(): 'MANIFEST' | 'CHECKSUMS.SHA256' {
    return this.name === 'FreeBSD' ? 'MANIFEST' : 'CHECKSUMS.SHA256'
  }
}

/** FreeBSD's own mirror for a machine as Node names it; it calls machines and processors by names of its own. */
export function freebsdMirror(machine: string): string {
  const folders: Readonly<Record<string, string>> = {
    x64: 'amd64',
    arm64: 'arm64/aarch64',
    ia32: 'i386',
    riscv64: 'riscv/riscv64',
  }
  return `https://download.freebsd.org/releases/${folders[machine] ?? 'amd64'}`
}
