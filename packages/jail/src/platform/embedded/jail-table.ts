import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { JailAlreadyRunning, JailLaunchFailed, JailNotRunning } from '../../errors.ts'
import { waitForLock } from '../../host/lock.ts'
import type { LaunchParameters } from '../platform.ts'
import { throwIfCancelled } from '../process.ts'
import { EmbeddedStateDamaged } from './errors.ts'
import { change, createFile, encodeName, ifThere, lookBehind, readText, replaceFile } from './files.ts'

/** What is recorded of a jail. Of its parameters nothing is carried out. */
export interface JailRecord {
  readonly version: 1
  readonly name: string
  readonly jid: number
  /** The root as it was given, and where that really is. */
  readonly path: string
  readonly root: string
  /** Of this jail alone, also among those that had its name before: its processes are known by it. */
  readonly token: string
  readonly hostname: string
  readonly hostuuid: string
  readonly parameters: LaunchParameters['parameters']
  /** Somebody has begun to remove it: nothing new is started in it. */
  readonly removing: boolean
}

/** How long another process may be in the middle of a change, in milliseconds. A change takes less than one. */
const PATIENCE = 10_000

/**
 * The jails of one directory: a file for each in `jails`, complete from its first moment, and what belongs to it in
 * `state/<token>`. Changes are made under one lock of the kernel, so a process that is killed blocks nobody.
 */
export class JailTable {
  readonly #jails: string
  readonly #states: string
  readonly #lock: string

  constructor(directory: string) {
    this.#jails = join(directory, 'jails')
    this.#states = join(directory, 'state')
    this.#lock = join(directory, 'table.lock')
  }

  /** The jail of that name, also while it is being removed. */
  find(name: string): JailRecord | null {
    const path = this.#file(name)
    const text = readText(path)
    return text === null ? null : parse(path, text)
  }

  /** All jails, also those that are being removed. */
  list(): JailRecord[] {
    return ifThere(() => this.#all()) ?? []
  }

  /** The jail of that name; throws JailNotRunning when there is none in which something can be done. */
  require(name: string): JailRecord {
    const jail = this.find(name)
    if (!jail || jail.removing) throw new JailNotRunning({ jail: name })
    return jail
  }

  /** Whether this jail, and not another one of its name, is there and not being removed. */
  isRunning({ name, token }: JailRecord): boolean {
    const jail = this.find(name)
    return jail !== null && jail.token === token && !jail.removing
  }

  /** A directory for records of a jail. */
  place({ token }: Pick<JailRecord, 'token'>, kind: 'processes' | 'mounts'): string {
    return join(this.#states, token, kind)
  }

  /** Throws JailAlreadyRunning, JailLaunchFailed. */
  async create(wanted: LaunchParameters, signal: AbortSignal): Promise<JailRecord> {
    const { name, path, hostname, hostuuid, parameters } = wanted
    const root = rootOf(name, path)
    throwIfCancelled(signal, `creating jail ${name}`)
    return this.#changing(`create jail ${name}`, () => {
      mkdirSync(this.#jails, { recursive: true, mode: 0o700 })
      const jails = this.#all()
      const present = jails.find((jail) => jail.name === name)
      if (present) throw new JailAlreadyRunning({ jail: name, jid: present.jid })
      const token = randomUUID()
      const jid = lowestFree(jails.map((jail) => jail.jid))
      const data = {
        version: 1,
        name,
        jid,
        path,
        root,
        token,
        hostname,
        hostuuid,
        parameters,
        removing: false,
      } as const
      try {
        this.#sweep(jails)
        this.#write(data)
      } catch (cause) {
        throw new JailLaunchFailed({ jail: name, reason: (cause as Error).message }, { cause })
      }
      return data
    })
  }

  /** From now on nothing is started in the jail. False when it is no longer there. */
  async beginRemoval(jail: JailRecord): Promise<boolean> {
    return this.#changing(`remove jail ${jail.name}`, () => {
      const present = this.find(jail.name)
      if (present?.token !== jail.token) return false
      if (!present.removing) replaceFile(this.#file(jail.name), JSON.stringify({ ...present, removing: true }))
      return true
    })
  }

  /** Forgets a jail after `last`, unless somebody else has done that; two at once do not meet. */
  async delete(jail: JailRecord, last: () => void): Promise<void> {
    await this.#changing(`remove jail ${jail.name}`, () => {
      if (this.find(jail.name)?.token !== jail.token) return
      last()
      const path = this.#file(jail.name)
      change('unlink', path, () => rmSync(path, { force: true }))
      this.#dropState(jail.token)
    })
  }

  async #changing<R>(purpose: string, body: () => R): Promise<R> {
    const lock = await waitForLock(this.#lock, { purpose, patience: PATIENCE })
    try {
      return body()
    } finally {
      lock[Symbol.dispose]()
    }
  }

  #all(): JailRecord[] {
    const files = readdirSync(this.#jails).filter((file) => file.endsWith('.json') && !file.startsWith('.'))
    return files.flatMap((file) => {
      const path = join(this.#jails, file)
      const text = readText(path)
      return text === null ? [] : [parse(path, text)]
    })
  }

  /** Takes away what killed processes have left unfinished. Under the lock only: nobody else is at work then. */
  #sweep(jails: readonly JailRecord[]): void {
    for (const file of readdirSync(this.#jails)) {
      if (file.startsWith('.')) rmSync(join(this.#jails, file), { force: true })
    }
    const tokens = new Set(jails.map((jail) => jail.token))
    for (const token of ifThere(() => readdirSync(this.#states)) ?? []) {
      if (!tokens.has(token)) this.#dropState(token)
    }
  }

  /** The file comes last: with it the jail is there. */
  #write(jail: JailRecord): void {
    for (const kind of ['processes', 'mounts'] as const) {
      const directory = this.place(jail, kind)
      change('mkdir', directory, () => mkdirSync(directory, { recursive: true, mode: 0o700 }))
    }
    const file = this.#file(jail.name)
    if (!createFile(file, JSON.stringify(jail))) throw new Error(`${file} was made by something else`)
  }

  #dropState(token: string): void {
    const path = join(this.#states, token)
    change('rm', path, () => rmSync(path, { recursive: true, force: true }))
  }

  #file(name: string): string {
    const encoded = encodeName(name)
    // File names end at 255 bytes.
    const short =
      encoded.length > 0 && encoded.length <= 200 ? encoded : `=${createHash('sha256').update(name).digest('hex')}`
    return join(this.#jails, `${short}.json`)
  }
}

function rootOf(jail: string, path: string): string {
  if (!isAbsolute(path)) throw new JailLaunchFailed({ jail, reason: `its root ${path} is not an absolute path` })
  if (!lookBehind(path)?.isDirectory()) {
    throw new JailLaunchFailed({ jail, reason: `its root ${path} is not a directory` })
  }
  const root = realpathSync.native(path)
  if (root === '/') throw new JailLaunchFailed({ jail, reason: 'its root is / and that is the host itself' })
  return root
}

function lowestFree(taken: readonly number[]): number {
  const numbers = new Set(taken)
  let free = 1
  while (numbers.has(free)) free++
  return free
}

function parse(path: string, text: string): JailRecord {
  let data: Partial<JailRecord> | null
  try {
    data = JSON.parse(text)
  } catch (cause) {
    throw new EmbeddedStateDamaged({ path, reason: 'it is not JSON' }, { cause })
  }
  if (data?.version !== 1) throw new EmbeddedStateDamaged({ path, reason: `its version is ${data?.version}` })
  const texts = [data.name, data.path, data.root, data.token]
  if (!texts.every((value) => typeof value === 'string') || !Number.isInteger(data.jid)) {
    throw new EmbeddedStateDamaged({ path, reason: 'it is not complete' })
  }
  return data as JailRecord
}
