import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { IocError } from '@gaoler/core'
import { DatasetBusy } from '@gaoler/zfs'
import type { ErrorDoc } from './errors.ts'

const root = resolve(import.meta.dirname, '..', '..')

/** Values by the names of details, so that a message made of them reads like one that was met. */
const words: Readonly<Record<string, unknown>> = {
  jail: 'web',
  name: 'web',
  resource: 'web',
  release: '14.3-RELEASE',
  version: '9.0-RELEASE',
  dataset: 'tank/iocage/jails/web',
  pool: 'tank',
  snapshot: 'web@before',
  reason: 'REASON',
  consequence: 'REASON',
  file: '/tank/iocage/jails/web/config.json',
  path: '/tank/iocage/jails/web/root/etc',
  mountpoint: '/tank/iocage/jails/web/root/dev',
  command: '/bin/program',
  url: 'https://example.org/base.txz',
  mirror: 'gopher://example.org',
  source: 'https://example.org/MANIFEST',
  code: 1,
  line: 7,
  hook: 'exec_start',
  property: 'ip4_addr',
  interface: 'vnet0',
  bridge: 'bridge0',
  asset: 'base.txz',
  platform: 'linux',
  program: 'crun',
  hint: 'HINT',
}

/** Details of that type: every one of them, with a value that fits. It knows what the classes use, and throws at the rest. */
function sampleDetails(type: string | null): Record<string, unknown> {
  if (type === null) return {}
  const fields = split(type.trim().replace(/^\{|\}$/g, ''), ';')
  return Object.fromEntries(
    fields.map((field) => {
      const [, key = '', value = ''] = /^(\w+)\??: ([\s\S]+)$/.exec(field) ?? []
      return [key, sample(key, value)]
    }),
  )
}

function sample(key: string, type: string): unknown {
  const [first = ''] = split(type, '|')
  if (first.endsWith('[]')) return [`${key}-1`, `${key}-2`]
  if (first.startsWith('{')) return sampleDetails(first)
  if (/^\d+$/.test(first)) return Number(first)
  if (first.startsWith("'")) return first.slice(1, -1)
  const known = words[key]
  if (first === 'string') return typeof known === 'string' ? known : key.toUpperCase()
  if (first === 'number') return typeof known === 'number' ? known : 3
  if (first === 'boolean') return false
  if (first === 'unknown') return 'x'
  throw new Error(`there is no sample for ${key}: ${type}`)
}

/** Splits at a separator that stands in no bracket. */
function split(text: string, separator: string): string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const character of text) {
    if ('{[<('.includes(character)) depth++
    if ('}]>)'.includes(character)) depth--
    if (character === separator && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim()).filter(Boolean)
}

type Constructor = new (...args: unknown[]) => IocError

/** One error of each class, made from sample details. */
export async function sampleErrors(docs: readonly ErrorDoc[]): Promise<ReadonlyMap<string, IocError>> {
  const byName = new Map(docs.map((doc) => [doc.name, doc]))
  /** The class and those that it derives from. */
  const chain = (doc: ErrorDoc | undefined): readonly ErrorDoc[] => (doc ? [doc, ...chain(byName.get(doc.base))] : [])
  const errors = new Map<string, IocError>()
  for (const doc of docs) {
    const Class = await load(doc)
    const ancestors = chain(doc)
    const names = ancestors.map(({ name }) => name)
    if (names.includes('ZFSError')) errors.set(doc.name, zfsError(Class, names.includes('MultipleOperationsFailure')))
    else {
      const constructing = ancestors.find((each) => each.constructs)
      const details = sampleDetails(doc.data ?? constructing?.data ?? null)
      errors.set(doc.name, constructing?.name === 'IocError' ? new Class('MESSAGE', details) : new Class(details))
    }
  }
  return errors
}

async function load({ path, name }: ErrorDoc): Promise<Constructor> {
  const module = (await import(pathToFileURL(resolve(root, path)).href)) as Readonly<Record<string, Constructor>>
  const Class = module[name]
  if (!Class) throw new Error(`${path} does not export ${name}`)
  return Class
}

/** The classes of ZFS say what they can with what they get: first only a name, then all that one of them may ask for. */
function zfsError(Class: Constructor, multiple: boolean): IocError {
  const name = 'tank/a'
  if (multiple) return new Class({ errors: [zfsError(DatasetBusy as Constructor, false)] })
  const scant = attempt(() => new Class({ name }))
  if (scant && !scant.message.includes('undefined')) return scant
  return new Class({
    name,
    reason: 'REASON',
    path: '/path',
    waited: 1000,
    command: ['zfs', 'list'],
    exitCode: 1,
    stderr: 'STDERR',
    call: 'CALL',
    argument: 'ARGUMENT',
  })
}

function attempt(make: () => IocError): IocError | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
