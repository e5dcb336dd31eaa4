import { statSync } from 'node:fs'
import type { HostBase } from '../host/host-base.ts'
import { JailConfig } from './config.ts'
import type { PropertyValue } from './properties/index.ts'
import { type ConfigPlace, readConfig } from './store.ts'

/**
 * What both faces of the defaults of a host's jails share. They are in `defaults.json`, ZFS properties of `.defaults`, or the
 * UCL file `defaults`.
 */
export class DefaultResourceBase {
  readonly host: HostBase
  #read: { config: JailConfig; seen: string | null } | undefined

  constructor(host: HostBase) {
    this.host = host
  }

  /** Where they are written. */
  protected get place(): ConfigPlace {
    const { root, mountpoint } = this.host.datasets.main
    const dataset = `${root}/.defaults`
    return { host: this.host, dataset, json: `${mountpoint}/defaults.json`, ucl: `${mountpoint}/defaults` }
  }

  /** What the host sets; read again when a file has changed. Throws JailConfigError. */
  get config(): JailConfig {
    const { zfs, datasets } = this.host
    // The first jail of a source makes its root dataset, and has no defaults; of a pool that has vanished they are not known.
    const { root, pool } = datasets.main
    if (!this.#read && !zfs.existsSync(root) && zfs.existsSync(pool))
      return new JailConfig('defaults', { ofHost: true })
    const seen = this.#signature()
    if (!this.#read || seen === null || this.#read.seen !== seen)
      this.#read = { ...readConfig(this.place, { jail: null }), seen }
    return this.#read.config
  }

  /** The value that a jail has which sets none itself. Throws UnknownConfigProperty. */
  get(name: string): PropertyValue {
    return this.config.get(name)
  }

  getstring(name: string): string {
    return this.config.getstring(name)
  }

  /** Forgets what was read. */
  reload(): this {
    this.#read = undefined
    return this
  }

  /** Changes when a file does; ZFS properties are asked for again after `reload()`. */
  #signature(): string | null {
    // What was only planned is in no file.
    if (this.host.world) return null
    const { json, ucl } = this.place
    return [json, ucl]
      .map((file) => {
        const found = statSync(file, { throwIfNoEntry: false, bigint: true })
        return found ? `${found.ino}.${found.size}.${found.mtimeNs}` : '-'
      })
      .join()
  }
}
