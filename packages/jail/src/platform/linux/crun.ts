import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type ProcessEnd, processEnd } from '../process.ts'
import type { Programs } from './programs.ts'

/** The arguments that every call of crun begins with. Its messages go to a file: its output is the jail's own. */
export function crunArguments(records: string, log: string): string[] {
  return [`--root=${records}`, '--cgroup-manager=cgroupfs', `--log=${log}`, '--log-format=json']
}

/**
 * Runs crun to its end, with nothing to read and nobody who hears it; a fired signal kills it.
 *
 * Its streams are pipes and never /dev/null, of which crun before 1.24 makes the jail's root the owner:
 * https://github.com/containers/crun/issues/1845
 */
export async function runCrun(programs: Programs, args: readonly string[], signal?: AbortSignal): Promise<ProcessEnd> {
  // Not by execa, whose readers and promises cost as much as a third of a process, and nothing is read here.
  const child = spawn(programs.crun, args, { cwd: '/', stdio: 'pipe', env: {} })
  const kill = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  if (signal?.aborted) kill()
  try {
    return await processEnd(child)
  } finally {
    signal?.removeEventListener('abort', kill)
    // The jail's process 1 has the other ends for as long as it lives.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  }
}

/** The errors that crun wrote into its log, one after the other; empty when there are none. */
export function crunErrors(log: string): string {
  let text = ''
  try {
    text = readFileSync(log, 'utf8')
  } catch {
    // It never came so far as to write one.
  }
  return text.split('\n').flatMap(errorOf).join('; ')
}

function errorOf(line: string): string[] {
  try {
    const { level, msg } = JSON.parse(line) as { level: string; msg: string }
    return level === 'error' ? [msg] : []
  } catch {
    return line.trim() === '' ? [] : [line.trim()]
  }
}
