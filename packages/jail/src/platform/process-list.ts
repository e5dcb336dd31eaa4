import { readdirSync, readFileSync } from 'node:fs'
import { execa } from 'execa'
import { readText } from './embedded/files.ts'

/** A process of the host. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** When it was started. Together with `pid` it names one process for ever: pids are used again. */
  readonly started: string
  /** Whether the text that was looked for is in its environment. */
  readonly marked: boolean
}

/** Where the living processes of the host are listed; zombies are not among them. */
export interface ProcessSource {
  /** `mark` is an entry of an environment, such as `NAME=value`. */
  list(mark?: string): Promise<readonly ProcessEntry[]>
  /** When a process was started; null when it has ended. */
  startOf(pid: number): Promise<string | null>
}

/** Of all processes those that `belongs` says, their descendants and the members of their groups. */
export function withRelatives(
  all: readonly ProcessEntry[],
  belongs: (one: ProcessEntry) => boolean,
): ReadonlySet<ProcessEntry> {
  const found = new Set(all.filter(belongs))
  // A pid is not used again while it is that of a group: so a group whose leader belongs to them does so too.
  for (let before = -1; before !== found.size; ) {
    before = found.size
    const pids = new Set([...found].map(({ pid }) => pid))
    for (const one of all) if (pids.has(one.parent) || pids.has(one.group)) found.add(one)
  }
  return found
}

const proc: ProcessSource = {
  list: async (mark = '') => listFromProc(mark),
  startOf: async (pid) => statOf(pid, '')?.started ?? null,
}

/** For systems without Linux's /proc; the options are those that FreeBSD, macOS and procps have in common. */
export const ps: ProcessSource = {
  list: (mark = '') => listFromPs(mark),
  startOf: async (pid) => (await run(['-o', 'lstart=', '-p', String(pid)])).trim() || null,
}

/** That of this system. */
export const processes: ProcessSource = process.platform === 'linux' ? proc : ps

function listFromProc(mark: string): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name), mark) ?? []) : []))
}

let boot: string | undefined

function statOf(pid: number, mark: string): ProcessEntry | null {
  const stat = readOf(pid, 'stat')
  // The program's name stands in parentheses and may contain anything, parentheses too.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (!fields || /^[ZX]/.test(fields[0] ?? 'Z')) return null
  // Ticks since the host was booted: only with the boot do they name a moment.
  boot ??= readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  const marked = mark !== '' && `\0${readOf(pid, 'environ') ?? ''}`.includes(`\0${mark}\0`)
  return { pid, parent: Number(fields[1]), group: Number(fields[2]), started: `${boot} ${fields[19]}`, marked }
}

/** Null when the process has ended, or is somebody else's. */
function readOf(pid: number, file: 'stat' | 'environ'): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return null
  }
}

async function listFromPs(mark: string): Promise<ProcessEntry[]> {
  // With `e` (macOS: `E`) the environment stands behind the command.
  const environment = process.platform === 'darwin' ? '-axEww' : 'axeww'
  const [list, commands] = await Promise.all([
    run(['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'lstart=']),
    mark === '' ? '' : run([environment, '-o', 'pid=', '-o', 'command=']),
  ])
  const marked = new Set(
    commands.split('\n').flatMap((line) => (` ${line} `.includes(` ${mark} `) ? Number.parseInt(line, 10) : [])),
  )
  return list.split('\n').flatMap((line) => {
    const [, pid, parent, group, state, started = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)/.exec(line) ?? []
    if (!pid || state?.startsWith('Z')) return []
    return { pid: Number(pid), parent: Number(parent), group: Number(group), started, marked: marked.has(Number(pid)) }
  })
}

async function run(args: readonly string[]): Promise<string> {
  // Times are written in the caller's language and zone otherwise.
  const { stdout } = await execa('ps', args, { env: { LC_ALL: 'C', TZ: 'UTC' }, reject: false })
  return stdout ?? ''
}
