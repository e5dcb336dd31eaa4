import type { Program } from '../command/run.ts'
import { ReadOnlyPool } from '../errors.ts'
import { checkPool, unsigned } from '../lzc/checks.ts'
import { checkVdevs, checkWord } from './check.ts'
import type { VdevName } from './devices.ts'
import { succeed } from './failure.ts'

type Exists = (pool: string) => boolean

export interface ScrubPoolOptions {
  /** `start` goes on with a paused one too. Default `start`. */
  readonly command?: 'start' | 'pause' | 'stop'
}

export interface TrimPoolOptions {
  /** Default `start`, which goes on with a suspended one too. */
  readonly command?: 'start' | 'suspend' | 'cancel'
  /** Default: all that can be trimmed. */
  readonly devices?: readonly VdevName[]
  /** Bytes a second; by default as fast as the devices can. */
  readonly rate?: bigint | number
  /** Also erases; few devices can. */
  readonly secure?: boolean
}

export interface InitializePoolOptions {
  readonly command?: 'start' | 'suspend' | 'cancel'
  /** Default: all. */
  readonly devices?: readonly VdevName[]
}

const scrubFlags = { start: [], pause: ['-p'], stop: ['-s'] } as const
const workFlags = { start: [], suspend: ['-s'], cancel: ['-c'] } as const

/** `zpool scrub`. */
export function* scrub(name: string, { command = 'start' }: ScrubPoolOptions, exists: Exists): Program<void> {
  const asked = `${command} a scrub of "${name}"`
  checkPool(name, asked)
  checkWord(command, ['start', 'pause', 'stop'], 'the command', asked)
  // OpenZFS 2.3.2 would wait for ever, in the kernel: a pool that cannot be written has no transaction group to begin it in.
  const found = yield* succeed(['get', '-H', '-o', 'value', 'readonly', name], { name, asked, exists })
  if (found.stdout.trim() === 'on') throw new ReadOnlyPool({ name, asked })
  yield* succeed(['scrub', ...scrubFlags[command], name], { name, asked, exists })
}

/** `zpool trim`. */
export function* trim(name: string, options: TrimPoolOptions, exists: Exists): Program<void> {
  const { command = 'start', devices, rate, secure = false } = options
  const asked = `${command} trimming "${name}"`
  checkPool(name, asked)
  checkWord(command, ['start', 'suspend', 'cancel'], 'the command', asked)
  const words = devices === undefined ? [] : checkVdevs(devices, asked)
  const flags = [
    ...workFlags[command],
    ...(rate === undefined ? [] : ['-r', String(unsigned(rate, 'the rate', asked))]),
    ...(secure ? ['-d'] : []),
  ]
  const device = words.length === 1 ? words[0] : undefined
  yield* succeed(['trim', ...flags, name, ...words], { name, asked, exists, device })
}

/** `zpool initialize`. */
export function* initialize(name: string, options: InitializePoolOptions, exists: Exists): Program<void> {
  const { command = 'start', devices } = options
  const asked = `${command} initializing "${name}"`
  checkPool(name, asked)
  checkWord(command, ['start', 'suspend', 'cancel'], 'the command', asked)
  const words = devices === undefined ? [] : checkVdevs(devices, asked)
  const device = words.length === 1 ? words[0] : undefined
  yield* succeed(['initialize', ...workFlags[command], name, ...words], { name, asked, exists, device })
}

/** `zpool upgrade`: enables all features that this OpenZFS has. Older ones may then not import the pool. */
export function* upgrade(name: string, exists: Exists): Program<void> {
  const asked = `upgrade "${name}"`
  checkPool(name, asked)
  yield* succeed(['upgrade', name], { name, asked, exists })
}
