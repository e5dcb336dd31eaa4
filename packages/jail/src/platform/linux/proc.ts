import { readdirSync, readFileSync } from 'node:fs'
import { isErrno } from '../../errno.ts'

/** A line of /proc/PID/mountinfo, proc_pid_mountinfo(5). */
export interface MountInfo {
  readonly mountpoint: string
  readonly options: readonly string[]
  readonly type: string
  readonly source: string
}

export function parseMountInfo(text: string): MountInfo[] {
  return text.split('\n').flatMap((line) => {
    // The optional fields before the dash may be none or many.
    const [left, right] = line.split(' - ')
    const [, , , , mountpoint, options] = left?.split(' ') ?? []
    const [type, source] = right?.split(' ') ?? []
    if (mountpoint === undefined || options === undefined || type === undefined || source === undefined) return []
    return [{ mountpoint: unescapeOctal(mountpoint), options: options.split(','), type, source: unescapeOctal(source) }]
  })
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** What /proc/PID/stat says of a process, proc_pid_stat(5). */
export interface ProcessStat {
  readonly pid: number
  /** `R` running, `S` sleeping, `Z` ended and not yet waited for, `X` gone, … */
  readonly state: string
  readonly parent: number
  readonly threads: number
  /** Ticks after the boot: with the pid, this names a process for ever. */
  readonly startTime: number
  /** As waitpid(2) gives it; only of an ended process. */
  readonly exitStatus: number
}

export function parseStat(text: string): ProcessStat | null {
  // The second field is a name in parentheses, that may itself hold parentheses and spaces.
  const end = text.lastIndexOf(')')
  const fields = text
    .slice(end + 2)
    .trim()
    .split(' ')
  if (end < 0 || fields.length < 20) return null
  // proc(5) counts from 1, and two fields stand before the rest.
  const field = (number: number): number => Number(fields[number - 3])
  return {
    pid: Number.parseInt(text, 10),
    state: fields[0] ?? 'X',
    parent: field(4),
    threads: field(20),
    startTime: field(22),
    exitStatus: field(52),
  }
}

/** Null when there is no such process. */
export function readStat(pid: number): ProcessStat | null {
  return parseStat(readProc(`/proc/${pid}/stat`) ?? '')
}

/** Whether the process has ended: only its exit status is left, or not even that. */
export function hasEnded(stat: ProcessStat | null): boolean {
  // A first thread that ended before the others looks like an ended process.
  return stat === null || stat.state === 'X' || (stat.state === 'Z' && stat.threads <= 1)
}

/** The pids of a process's children, also of those that have ended and were not waited for. */
export function childrenOf(parent: number): number[] {
  // Kernels without CONFIG_PROC_CHILDREN have no such file.
  const listed = readProc(`/proc/${parent}/task/${parent}/children`)
  if (listed !== null) return listed.split(' ').filter(Boolean).map(Number)
  return allPids().filter((pid) => readStat(pid)?.parent === parent)
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** In how many pid namespaces the process has a pid: 1 is the host's own alone. Zero when it is gone. */
export function pidDepth(pid: number): number {
  const line = /^NSpid:\s*(.*)$/m.exec(readProc(`/proc/${pid}/status`) ?? '')
  return line?.[1]?.split(/\s+/).length ?? 0
}

/** A file of /proc; null when its process is gone. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return null
    throw error
  }
}

/** /etc/machine-id (machine-id(5)) as a UUID, lower case with dashes; null when it is none. */
export function machineUuid(text: string): string | null {
  const id = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i.exec(text.trim())
  return id === null ? null : id.slice(1).join('-').toLowerCase()
}
