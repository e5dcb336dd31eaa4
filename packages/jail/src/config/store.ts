import type { HostBase, HostScope } from '../host/host-base.ts'
import { type ConfigFormat, JailConfig } from './config.ts'
import { type InvalidJailConfigValue, JailConfigUnreadable } from './errors.ts'
import { encode } from './formats/encode.ts'
import { jsonFormat, placeOf, type TextFormat, uclFormat } from './formats/text.ts'
import { changedProperties, readProperties } from './formats/zfs.ts'
import { isWhole } from './json.ts'
import type { RawConfig } from './raw.ts'

/** Where the configuration of one jail, or the defaults of a host, may be. */
export interface ConfigPlace {
  readonly host: HostBase
  /** The dataset that has the properties. */
  readonly dataset: string
  /** Absolute paths of the files. */
  readonly json: string
  readonly ucl: string
}

/** A configuration in one format. */
export interface ConfigStore {
  readonly format: ConfigFormat
  /** Path of the file, or name of the dataset. */
  readonly place: string
  /** Null when there is none. Throws JailConfigUnreadable. */
  read(): RawConfig | null
  /** Where a property stands, for messages. */
  placeOf(property: string): { line: number; column: number } | null
  /** All or nothing, undone with the scope. Throws JailConfigUnwritable. */
  write(t: HostScope, config: JailConfig): Promise<void>
  /** Takes the configuration away, undone with the scope. */
  remove(t: HostScope): Promise<void>
}

const order = ['json', 'zfs', 'ucl'] as const

const textFormats: Readonly<Record<'json' | 'ucl', TextFormat>> = { json: jsonFormat, ucl: uclFormat }

/** Writes a configuration in another format than the one that it was read from, and leaves it in no other. */
export async function convertConfig(
  t: HostScope,
  place: ConfigPlace,
  config: JailConfig,
  format: ConfigFormat,
): Promise<ConfigStore> {
  const target = configStore(place, format)
  await target.write(t, config.reworded())
  for (const other of order) if (other !== format) await configStore(place, other).remove(t)
  return target
}

/** Where the configuration of a new jail is written: there is none to be looked for. */
export function newStore(place: ConfigPlace, format: ConfigFormat | 'auto' = 'auto'): ConfigStore {
  return configStore(place, format === 'auto' ? 'json' : format)
}

function configStore(place: ConfigPlace, format: ConfigFormat): ConfigStore {
  return format === 'zfs' ? zfsStore(place) : fileStore(place, format)
}

export interface ReadOptions {
  /** Null: the defaults of a host. */
  readonly jail: string | null
  /** Default `auto`: JSON, then ZFS, then UCL, and JSON where there is none. */
  readonly format?: ConfigFormat | 'auto'
  readonly defaults?: JailConfig
  /** Keep values that cannot be, without effect, instead of throwing. */
  readonly skipInvalidConfig?: boolean
}

/** Reads a configuration, and says where it was; nothing is an empty one. Throws JailConfigUnreadable. */
export function readConfig(
  place: ConfigPlace,
  { jail, format = 'auto', defaults, skipInvalidConfig }: ReadOptions,
): { config: JailConfig; store: ConfigStore } {
  for (const each of format === 'auto' ? order : [format]) {
    const store = configStore(place, each)
    const raw = readFor(jail, store)
    if (raw === null) continue
    const config = new JailConfig(jail ?? 'defaults', { defaults, format: each, ofHost: jail === null })
    config.load(raw, (error) => {
      if (!skipInvalidConfig) throw unreadable(jail, store, error)
    })
    return { config, store }
  }
  return {
    config: new JailConfig(jail ?? 'defaults', { defaults, ofHost: jail === null }),
    store: newStore(place, format),
  }
}

/** As the store reads it; what it cannot read is said of the jail. */
function readFor(jail: string | null, store: ConfigStore): RawConfig | null {
  try {
    return store.read()
  } catch (error) {
    if (jail === null || !(error instanceof JailConfigUnreadable)) throw error
    const details = error.details as ConstructorParameters<typeof JailConfigUnreadable>[0]
    throw new JailConfigUnreadable({ ...details, jail }, { cause: error.cause })
  }
}

function unreadable(jail: string | null, store: ConfigStore, cause: InvalidJailConfigValue): JailConfigUnreadable {
  const { property } = cause.details as { property: string }
  return new JailConfigUnreadable(
    { file: store.place, reason: cause.message, jail: jail ?? undefined, property, ...store.placeOf(property) },
    { cause },
  )
}

function fileStore({ host, ...files }: ConfigPlace, format: 'json' | 'ucl'): ConfigStore {
  const file = files[format]
  const { parse, write } = textFormats[format]
  const text = (): string | null => host.files.readText(file)
  return {
    format,
    place: file,
    read: () => {
      const found = text()
      if (found !== null && !isWhole(found, file)) throw new JailConfigUnreadable({ file, reason: 'it is not UTF-8' })
      return found === null ? null : parse(found, file)
    },
    placeOf: (property) => placeOf(text() ?? '', property),
    write: (t, config) => {
      const content = write(encode(config, format), file)
      // What is configured may be secret, and is nobody's business but root's.
      return t.host.writeFile({ path: file, content, previous: text(), mode: 0o600 })
    },
    remove: async (t) => {
      const content = text()
      if (content !== null) await t.host.dropFile({ path: file, content })
    },
  }
}

function zfsStore({ host, dataset }: ConfigPlace): ConfigStore {
  return {
    format: 'zfs',
    place: dataset,
    read: () => readProperties(host.zfs, dataset),
    placeOf: () => null,
    write: async (t, config) => {
      const changes = changedProperties(encode(config, 'zfs'), readProperties(host.zfs, dataset), dataset)
      for (const change of changes) await t.host.setProperty({ name: dataset, ...change })
    },
    remove: async (t) => {
      const changes = changedProperties(new Map(), readProperties(host.zfs, dataset), dataset)
      for (const change of changes) await t.host.setProperty({ name: dataset, ...change })
    },
  }
}
