import { ArgumentInvalid } from './errors.ts'
import type { LzcCalls, PoolCommands, ZfsCalls } from './zfs.ts'

type Calls = LzcCalls & ZfsCalls & { readonly [K in keyof PoolCommands as `pools.${K}`]: PoolCommands[K] }

/** What an argument must be made of: a list, an object of pairs or of lists, options or nothing; a `value` is checked by its call. */
type Form = 'value' | 'list' | 'list?' | 'pairs' | 'lists' | 'options' | 'query'
type FormOf<T> = T extends string | number | bigint | Uint8Array
  ? 'value'
  : T extends readonly unknown[]
    ? 'list' | 'list?'
    : 'value' | 'pairs' | 'lists' | 'options' | 'query'
type FormsOf<A extends readonly unknown[]> = { readonly [I in keyof A]-?: FormOf<NonNullable<A[I]>> }

/** Of every call, as JavaScript would go on with another form: with a text as a list of letters, with a word as options without any. */
const forms: { readonly [K in keyof Calls]: FormsOf<Parameters<Calls[K]>> } = {
  create: ['value', 'options'],
  clone: ['value', 'value', 'options'],
  snapshot: ['list', 'options'],
  destroy: ['value'],
  destroySnaps: ['list', 'options'],
  exists: ['value'],
  rename: ['value', 'value'],
  promote: ['value'],
  hold: ['pairs', 'options'],
  release: ['lists'],
  getHolds: ['value'],
  bookmark: ['pairs'],
  getBookmarks: ['value', 'list?'],
  getBookmarkProps: ['value'],
  destroyBookmarks: ['list'],
  rollback: ['value'],
  rollbackTo: ['value', 'value'],
  snaprangeSpace: ['value', 'value'],
  redact: ['value', 'value', 'list'],
  send: ['value', 'value', 'query'],
  sendResume: ['value', 'value', 'query'],
  sendRedacted: ['value', 'value', 'value', 'query'],
  sendResumeRedacted: ['value', 'value', 'value', 'query'],
  sendSpace: ['value', 'query'],
  sendSpaceResumeRedacted: ['value', 'query'],
  sendProgress: ['value', 'value'],
  receive: ['value', 'value', 'options'],
  receiveResumable: ['value', 'value', 'options'],
  receiveWithHeader: ['value', 'value', 'value', 'options'],
  receiveOne: ['value', 'value', 'value', 'options'],
  receiveWithCmdprops: ['value', 'value', 'value', 'options'],
  receiveWithHeal: ['value', 'value', 'value', 'options'],
  loadKey: ['value', 'value', 'options'],
  unloadKey: ['value'],
  changeKey: ['value', 'value', 'options'],
  sync: ['value', 'options'],
  poolCheckpoint: ['value'],
  poolCheckpointDiscard: ['value'],
  reopen: ['value', 'options'],
  getProps: ['value'],
  scrub: ['value', 'options'],
  poolPrefetch: ['value', 'value'],
  ddtPrune: ['value', 'value', 'value'],
  setBootenv: ['value', 'value'],
  getBootenv: ['value'],
  wait: ['value', 'value'],
  waitTag: ['value', 'value', 'value'],
  waitFs: ['value', 'value'],
  initialize: ['value', 'value', 'list', 'options'],
  trim: ['value', 'value', 'list', 'options'],
  getVdevProp: ['value', 'value', 'list?'],
  setVdevProp: ['value', 'value', 'value'],
  channelProgram: ['value', 'value', 'options'],
  channelProgramNosync: ['value', 'value', 'options'],
  list: ['query'],
  names: ['value', 'query'],
  get: ['value', 'list'],
  set: ['value', 'pairs'],
  inherit: ['value', 'value'],
  abortReceive: ['value'],
  mount: ['value'],
  unmount: ['value', 'options'],
  zone: ['value', 'value'],
  unzone: ['value', 'value'],
  jail: ['value', 'value'],
  unjail: ['value', 'value'],
  allow: ['value', 'value', 'list', 'options'],
  unallow: ['value', 'value', 'list?', 'options'],
  permissions: ['value'],
  userspace: ['value', 'options'],
  groupspace: ['value', 'options'],
  projectspace: ['value', 'options'],
  diff: ['value', 'value', 'options'],
  'pools.list': ['query'],
  'pools.get': ['value', 'list'],
  'pools.set': ['value', 'pairs'],
  'pools.status': ['value'],
  'pools.create': ['value', 'options'],
  'pools.destroy': ['value', 'options'],
  'pools.importable': ['options'],
  'pools.import': ['value', 'options'],
  'pools.export': ['value', 'options'],
  'pools.add': ['value', 'value', 'options'],
  'pools.attach': ['value', 'value', 'value', 'options'],
  'pools.detach': ['value', 'value'],
  'pools.replace': ['value', 'value', 'value', 'options'],
  'pools.remove': ['value', 'list'],
  'pools.cancelRemove': ['value'],
  'pools.split': ['value', 'value', 'options'],
  'pools.online': ['value', 'value', 'options'],
  'pools.offline': ['value', 'value', 'options'],
  'pools.clear': ['value', 'value'],
  'pools.upgrade': ['value'],
  'pools.scrub': ['value', 'options'],
  'pools.trim': ['value', 'options'],
  'pools.initialize': ['value', 'options'],
  'pools.history': ['value', 'options'],
}

/** Options of a query that are lists. */
const listOptions = ['types', 'properties', 'flags']

const wanted = {
  list: 'a list',
  'list?': 'a list',
  pairs: 'an object',
  lists: 'an object of lists',
  options: 'an object of options',
  query: 'an object of options',
} as const

/** Throws ArgumentInvalid for arguments of a call that are of another form than they must be. */
export function requireForms(call: string, args: readonly unknown[]): void {
  const of: readonly Form[] = forms[call as keyof Calls]
  for (const [index, form] of of.entries()) {
    if (form === 'value') continue
    const value = args[index]
    if (!isOf(form, value)) throw refusal(call, `argument ${index + 1}`, value, wanted[form])
    if (form !== 'query' || value === undefined) continue
    for (const name of listOptions) {
      const list = (value as Record<string, unknown>)[name]
      if (!isOf('list?', list)) throw refusal(call, `the option ${name}`, list, wanted.list)
    }
  }
}

type Calling = (...args: unknown[]) => unknown

/** Both forms of calls, each of which first looks at what it is given: a promise is then rejected. */
export function withForms<T extends object>(calls: T, prefix: '' | 'pools.' = ''): T {
  const checked = Object.entries(calls as Record<string, Calling>).map(([face, call]): [string, Calling] => {
    const name = face.replace(/Sync$/, '')
    if (!Object.hasOwn(forms, prefix + name)) return [face, call]
    const blocking: Calling = (...args) => {
      requireForms(prefix + name, args)
      return call(...args)
    }
    return [face, name === face ? async (...args) => blocking(...args) : blocking]
  })
  return Object.fromEntries(checked) as T
}

function isOf(form: Exclude<Form, 'value'>, value: unknown): boolean {
  if (value === undefined) return form === 'options' || form === 'query' || form === 'list?'
  if (form === 'list' || form === 'list?') return Array.isArray(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Map) return false
  return form !== 'lists' || Object.values(value).every(Array.isArray)
}

function refusal(call: string, argument: string, value: unknown, must: string): ArgumentInvalid {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : undefined
  const example = text && must === wanted.list ? `: [${text}]` : ''
  const found = text ? `the text ${text}` : Array.isArray(value) ? 'a list' : kindOf(value)
  return new ArgumentInvalid({ asked: `call ${call}`, argument, reason: `is ${found}, and must be ${must}${example}` })
}

function kindOf(value: unknown): string {
  if (value instanceof Map) return 'a Map'
  return value === null || value === undefined ? String(value) : `of the type ${typeof value}`
}
