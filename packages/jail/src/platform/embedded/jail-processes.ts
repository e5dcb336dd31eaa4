import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isErrno } from '../../errno.ts'
import { JailDestructionFailed } from '../../errors.ts'
import { type ProcessEntry, type ProcessSource, processes, withRelatives } from '../process-list.ts'
import { change, ifThere, readText, replaceFile } from './files.ts'
import type { JailRecord, JailTable } from './jail-table.ts'

/** Is in the environment of every process of a jail, and handed on to their children. */
export const MARK = 'GAOLER_EMBEDDED_JAIL'

/** Milliseconds from SIGTERM to SIGKILL, and until it is given up. */
const GRACE = 1_000
const LIMIT = 10_000

/** The processes of one jail: those that bear its mark, those that were recorded, their groups and descendants. */
export class JailProcesses {
  readonly #jail: JailRecord
  readonly #directory: string
  readonly #source: ProcessSource
  /** Those that were recorded or found before, by pid: when they were started. */
  readonly #known = new Map<number, string>()

  constructor(table: JailTable, jail: JailRecord, source: ProcessSource = processes) {
    this.#source = source
    this.#jail = jail
    this.#directory = table.place(jail, 'processes')
  }

  /** Records a process of the jail, so that it is found also when it has cleared its environment. */
  async record(pid: number): Promise<void> {
    const started = await this.#source.startOf(pid)
    if (started === null) return
    try {
      replaceFile(join(this.#directory, String(pid)), started)
    } catch (error) {
      // The jail was removed meanwhile.
      if (!isErrno(error, 'ENOENT')) throw error
    }
  }

  /** The leader of a group has ended: what it left behind is recorded in its place. */
  async replaceLeader(pid: number): Promise<void> {
    const left = await groupMembers(pid, this.#source)
    // One of that very pid would be a stranger's, who was given it in this moment.
    if (!left.includes(pid)) for (const member of left) await this.record(member)
    const path = join(this.#directory, String(pid))
    change('unlink', path, () => rmSync(path, { force: true }))
  }

  /** SIGTERM, after a second SIGKILL, at once when `signal` fires. Throws JailDestructionFailed. */
  async end(signal: AbortSignal): Promise<void> {
    const asked = new Set<number>()
    const started = performance.now()
    for (let pause = 5; ; pause = Math.min(2 * pause, 100)) {
      const found = await this.#find()
      if (found.length === 0) return
      const waited = performance.now() - started
      const pids = found.map(({ pid }) => pid)
      if (waited > LIMIT) {
        throw new JailDestructionFailed({ jail: this.#jail.name, reason: `processes do not end: ${pids.join(', ')}` })
      }
      if (waited > GRACE || signal.aborted) for (const pid of pids) send(pid, 'SIGKILL')
      else for (const pid of pids.filter((pid) => !asked.has(pid))) send(pid, 'SIGTERM')
      for (const pid of pids) asked.add(pid)
      await sleep(pause)
    }
  }

  async #find(): Promise<ProcessEntry[]> {
    for (const name of ifThere(() => readdirSync(this.#directory)) ?? []) {
      const started = readText(join(this.#directory, name))
      if (/^\d+$/.test(name) && started) this.#known.set(Number(name), started)
    }
    const all = await this.#source.list(`${MARK}=${this.#jail.token}`)
    // Those that do not bear the mark are found through those that are known to be of the jail.
    const found = withRelatives(all, (one) => one.marked || this.#known.get(one.pid) === one.started)
    // Whoever removes the jail from within it must live on to do it.
    const others = [...found].filter(({ pid }) => pid !== process.pid)
    for (const { pid, started } of others) this.#known.set(pid, started)
    return others
  }
}

/** Ends a process and its group, or with `group: false` itself and its descendants, and waits until they are gone. */
export async function killTree(leader: number, { group }: { group: boolean }): Promise<void> {
  const started = performance.now()
  for (let pause = 5; performance.now() - started < LIMIT; pause = Math.min(2 * pause, 100)) {
    const members = group ? await groupMembers(leader) : await descendants(leader)
    if (members.length === 0) return
    for (const pid of members) send(pid, 'SIGKILL')
    await sleep(pause)
  }
}

async function groupMembers(group: number, source: ProcessSource = processes): Promise<number[]> {
  if (!send(-group, 0)) return []
  return (await source.list()).flatMap((one) => (one.group === group ? one.pid : []))
}

async function descendants(leader: number): Promise<number[]> {
  const found = new Set([leader])
  const all = await processes.list()
  for (let before = 0; before !== found.size; ) {
    before = found.size
    for (const one of all) if (found.has(one.parent)) found.add(one.pid)
  }
  return all.flatMap(({ pid }) => (found.has(pid) ? pid : []))
}

/** False when there is no such process or group. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    return !isErrno(error, 'ESRCH')
  }
}
