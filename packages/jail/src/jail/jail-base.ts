import { createHash } from 'node:crypto'
import type { JailConfig } from '../config/config.ts'
import { parseJson, readTextFile } from '../config/json.ts'
import { checkJailName, humanReadableName, randomJailName } from '../config/name.ts'
import { JailAlreadyRunning, JailNotRunning } from '../errors.ts'
import { Host } from '../host/host.ts'
import { JailAlreadyExists, JailDoesNotExist, JailHostUUIDMismatch } from './errors.ts'

export interface JailInit {
  readonly host?: Host
}

/** What both faces of a jail share: names, paths, state, guards. All of it is synchronous, and making one touches nothing. */
export class JailBase {
  readonly name: string
  readonly host: Host
  #config: JailConfig | undefined

  /** By name; without one it gets a random UUID. Throws InvalidJailName; without `host`, what Host.open() throws. */
  constructor(data: string | { readonly id?: string } = {}, { host = Host.open() }: JailInit = {}) {
    this.name = checkJailName(typeof data === 'string' ? data : (data.id ?? randomJailName()))
    this.host = host
  }

  get fullName(): string {
    return this.name
  }

  get humanReadableName(): string {
    return humanReadableName(this.name)
  }

  /** The kernel's name of the jail, libioc's form: a dot has a meaning for kernels, a star is in no jail's name. */
  get identifier(): string {
    return `ioc-${this.name.replaceAll('.', '*')}`
  }

  get datasetName(): string {
    return `${this.host.datasets.jails}/${this.name}`
  }

  get rootDatasetName(): string {
    return `${this.datasetName}/root`
  }

  /** Directory of the jail's dataset: its configuration is here, not in the jail's reach. */
  get path(): string {
    return this.host.datasets.path(this.datasetName)
  }

  /** The jail's root directory. */
  get rootPath(): string {
    return this.host.datasets.path(this.rootDatasetName)
  }

  get configFile(): string {
    return `${this.path}/config.json`
  }

  get exists(): boolean {
    return this.host.zfs.existsSync(this.datasetName)
  }

  /** The jail's number while it runs, else null. */
  get jid(): number | null {
    return this.host.platform.findJail(this.identifier)?.jid ?? null
  }

  get running(): boolean {
    return this.jid !== null
  }

  get stopped(): boolean {
    return !this.running
  }

  /** What is configured; read once, see `reload()`. Throws JailConfigError. */
  get config(): JailConfig {
    this.#config ??= parseJson(readTextFile(this.configFile) ?? '', this.name, this.configFile)
    return this.#config
  }

  /** Forgets what was read or set and not written. */
  reload(): this {
    this.#config = undefined
    return this
  }

  /** The release that the jail was created from. */
  get release(): string | null {
    return this.config.get('release')
  }

  /** The jail's own host UUID: as configured, else derived from the host's and the jail's name (libioc's rule). */
  get hostuuid(): string {
    const set = this.config.get('host_hostuuid')
    if (set) return set
    const host = Buffer.from(this.host.platform.hostUuid().replaceAll('-', ''), 'hex')
    const hex = createHash('sha1').update(host).update(this.identifier).digest('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
  }

  requireExisting(): void {
    if (!this.exists) throw new JailDoesNotExist({ jail: this.fullName, dataset: this.datasetName })
  }

  requireNotExisting(): void {
    if (this.exists) throw new JailAlreadyExists({ jail: this.fullName })
  }

  requireRunning(): void {
    if (!this.running) throw new JailNotRunning({ jail: this.fullName })
  }

  requireStopped(): void {
    const { jid } = this
    if (jid !== null) throw new JailAlreadyRunning({ jail: this.fullName, jid })
  }

  requireMatchingHostid(): void {
    const hostid = this.config.get('hostid')
    const host = this.host.platform.hostUuid()
    if (this.config.get('hostid_strict_check') && hostid !== null && hostid !== host) {
      throw new JailHostUUIDMismatch({ jail: this.fullName, hostid, host })
    }
  }

  /** The jail's lock. Throws ResourceLocked. */
  lock(purpose: string): Disposable {
    return this.host.lock(this.datasetName, `${purpose} of jail ${this.fullName}`)
  }
}
