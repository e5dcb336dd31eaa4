import type { IocError } from '@gaoler/core'
import type { JailConfig } from '../config/config.ts'
import { JailAlreadyRunning, JailNotRunning } from '../errors.ts'
import { DatasetNotAvailable } from '../storage/errors.ts'
import { storageFor } from '../storage/storage.ts'
import { JailAlreadyExists, JailDoesNotExist, JailHostUUIDMismatch, JailIsTemplate, JailNotTemplate } from './errors.ts'
import { NamedJail } from './named-jail.ts'

export interface GuardOptions {
  /** Whether a refusal is also said to the logger of the jail or its host; default true. */
  readonly logErrors?: boolean
}

/** What verbs ask of a jail before they touch anything: each guard returns, or throws what is in the way. */
export abstract class JailGuards extends NamedJail {
  abstract get jid(): number | null
  abstract get running(): boolean
  abstract get config(): JailConfig

  /** Whether this host may start the jail; always, unless `hostid_strict_check` is on. */
  get hostidCheckOk(): boolean {
    const hostid = this.config.get('hostid')
    return !this.config.get('hostid_strict_check') || hostid === null || hostid === this.host.platform.hostUuid()
  }

  get isTemplate(): boolean {
    return this.config.get('template')
  }

  /** Throws JailDoesNotExist; also of a dataset outside of the sources that has no jail's configuration. */
  requireJailExisting(options: GuardOptions = {}): void {
    const { exists } = this
    if (exists && (this.managed || this.config.format !== null)) return
    const reason = exists ? 'no-config' : undefined
    this.#refuse(new JailDoesNotExist({ jail: this.fullName, dataset: this.datasetName, reason }), options)
  }

  /** Throws JailAlreadyExists. */
  requireJailNotExisting(options: GuardOptions = {}): void {
    if (this.exists) this.#refuse(new JailAlreadyExists({ jail: this.fullName }), options)
  }

  /** Throws JailNotRunning. */
  requireJailRunning(options: GuardOptions = {}): void {
    if (!this.running) this.#refuse(new JailNotRunning({ jail: this.fullName }), options)
  }

  /** Throws JailAlreadyRunning. */
  requireJailStopped(options: GuardOptions = {}): void {
    const { jid } = this
    if (jid !== null) this.#refuse(new JailAlreadyRunning({ jail: this.fullName, jid }), options)
  }

  /** Throws JailHostUUIDMismatch. */
  requireJailMatchHostid(options: GuardOptions = {}): void {
    if (this.hostidCheckOk) return
    const hostid = this.config.get('hostid') as string
    const host = this.host.platform.hostUuid()
    this.#refuse(new JailHostUUIDMismatch({ jail: this.fullName, hostid, host }), options)
  }

  /** Throws JailNotTemplate. */
  requireJailIsTemplate(options: GuardOptions = {}): void {
    if (!this.isTemplate) this.#refuse(new JailNotTemplate({ jail: this.fullName }), options)
  }

  /** Throws JailIsTemplate. */
  requireJailNotTemplate(options: GuardOptions = {}): void {
    if (this.isTemplate) this.#refuse(new JailIsTemplate({ jail: this.fullName }), options)
  }

  /** That the jail has a root to keep files in. Throws DatasetNotAvailable, InvalidJailConfigValue. */
  requireStorageBackend(options: GuardOptions = {}): void {
    const dataset = this.rootDatasetName
    storageFor(this.config)
    if (this.host.zfs.existsSync(dataset)) return
    this.#refuse(new DatasetNotAvailable({ dataset, reason: `it is the root of jail ${this.fullName}` }), options)
  }

  #refuse(error: IocError, { logErrors = true }: GuardOptions): never {
    if (logErrors) this.host.logger?.error({ ...error.details, code: error.code }, error.message)
    throw error
  }
}
