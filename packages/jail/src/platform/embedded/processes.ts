import { readdirSync, readFileSync } from 'node:fs'
import { execa } from 'execa'
import { readText } from './files.ts'

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

/** The living processes of the host (zombies are not); `mark` is an entry of an environment, such as `NAME=value`. */
export function listProcesses(mark: string): Promise<readonly ProcessEntry[]> | readonly ProcessEntry[] {
  return process.platform === 'linux' ? listFromProc(mark) : listFromPs(mark)
}

/** When a process was started; null when it has ended. */
export async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return statOf(pid, '')?.started ?? null
  const { stdout } = await ps(['-o', 'lstart=', '-p', String(pid)])
  return stdout.trim() || null
}

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

/** For systems without Linux's /proc; the options are those that FreeBSD, macOS and procps have in common. */
export async function listFromPs(mark: string): Promise<ProcessEntry[]> {
  // With `e` (macOS: `E`) the environment stands behind the command.
  const environment = process.platform === 'darwin' ? '-axEww' : 'axeww'
  const [list, commands] = await Promise.all([
    ps(['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'lstart=']),
    mark === '' ? { stdout: '' } : ps([environment, '-o', 'pid=', '-o', 'command=']),
  ])
  const marked = new Set(
    commands.stdout.split('\n').flatMap((line) => (` ${line} `.includes(` ${mark} `) ? Number.parseInt(line, 10) : [])),
  )
  return list.stdout.split('\n').flatMap((line) => {
    const [, pid, parent, group, state, started = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)/.exec(line) ?? []
    if (!pid || state?.startsWith('Z')) return []
    return { pid: Number(pid), parent: Number(parent), group: Number(group), started, marked: marked.has(Number(pid)) }
  })
}

function ps(args: readonly string[]): Promise<{ stdout: string }> {
  // Times are written in the caller's language and zone otherwise.
  return execa('ps', args, { env: { LC_ALL: 'C', TZ: 'UTC' }, reject: false })
}
