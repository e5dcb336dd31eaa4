import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EffectContext } from '@gaoler/core'
import { execa } from 'execa'
import { JailCommandNotFound, JailCommandNotStarted, JailNotRunning } from '../../errors.ts'
import type { Command, CommandResult } from '../platform.ts'
import { Killer, type ProcessEnd, processEnd, signalName, throwIfCancelled } from '../process.ts'
import { leftOutOf } from '../started-command.ts'
import { emptyCgroup, isPopulated, killAll, removeCgroup } from './cgroup.ts'
import { crunArguments, crunErrors } from './crun.ts'
import { ExitGate } from './exit-gate.ts'
import { hasCommand } from './find-command.ts'
import { type LinuxHost, requireRoot } from './host.ts'
import { cgroupRoot, filesOf, type JailFiles } from './layout.ts'
import { defaultPath, ociProcess } from './oci-config.ts'
import { findRunning } from './record.ts'
import { CommandStreams, planStreams } from './streams.ts'
import { findUser, superuser } from './users.ts'

/** Milliseconds between attempts to kill a command that may not have come into its cgroup yet. */
const killPause = 50
/** Milliseconds for killed processes to go: only one that hangs in the kernel takes so long. */
const killLimit = 10_000
const killed: ProcessEnd = { code: null, signal: 'SIGKILL' }

/**
 * Runs a command in the jail to its end: with the jail's capabilities, in `/`, with the environment that it is given
 * (PATH and HOME have defaults). What it leaves running goes on running in the jail.
 *
 * It has a cgroup of its own, so the timeout and a cancellation kill every process that it has started, whatever that
 * has done to get away. At a terminal (`inherit`) an exit code above 128 is reported as a signal: crun tells no more.
 * Throws JailNotRunning, JailCommandNotFound, JailCommandNotStarted, MustBeRoot, OperationCancelled.
 */
export async function execInJail(
  host: LinuxHost,
  command: Command & { name: string },
  context: EffectContext,
): Promise<CommandResult> {
  const { name, argv, env = {} } = command
  const program = argv[0] ?? ''
  throwIfCancelled(context.signal, program)
  requireRoot('running a command in a jail')
  const files = filesOf(host.layout, name)
  const running = findRunning(files)
  if (running === null) throw new JailNotRunning({ jail: name })
  const plan = planStreams(command.stdio)
  const root = `/proc/${running.init.pid}/root`
  const user = command.user === undefined ? superuser : findUser(name, root, command.user)
  const description = ociProcess(argv, env, running.grants, { terminal: plan.terminal, user })
  if (!hasCommand(root, program, env.PATH ?? defaultPath)) {
    throw new JailCommandNotFound({ jail: name, command: program })
  }
  const place = new CommandPlace(files, context.mark)
  try {
    writeFileSync(place.description, JSON.stringify(description))
    const streams = new CommandStreams(plan, place.folder, running.ids.first + user.uid)
    return await run(host, files, command, place, streams, context)
  } finally {
    place.remove()
  }
}

/** Kills what a dead process has left running of a command in a jail; returns how many processes. */
export async function endCommandInJail(host: LinuxHost, mark: string): Promise<number> {
  const jails = join(cgroupRoot, host.layout.cgroup)
  let ended = 0
  const entries = existsSync(jails) ? readdirSync(jails, { withFileTypes: true }) : []
  for (const jail of entries.filter((entry) => entry.isDirectory())) {
    const cgroup = join(jails, jail.name, commandId(mark))
    if (!isPopulated(cgroup)) continue
    ended += readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').trim().split('\n').length
    await emptyCgroup(cgroup, AbortSignal.timeout(killLimit))
  }
  return ended
}

/** A command is known by the mark of its effect. */
function commandId(mark: string): string {
  return `exec-${mark}`
}

/** The folder and the cgroup of one command. */
class CommandPlace {
  readonly folder: string
  /** Its cgroup, as crun is told: relative to the jail's. */
  readonly id: string
  readonly cgroup: string
  readonly description: string
  readonly log: string

  constructor(files: JailFiles, mark: string) {
    this.id = commandId(mark)
    this.folder = join(files.bundle, this.id)
    this.cgroup = join(files.cgroup, this.id)
    this.description = join(this.folder, 'process.json')
    this.log = join(this.folder, 'crun.log')
    try {
      mkdirSync(this.folder, { mode: 0o700 })
      mkdirSync(this.cgroup)
    } catch (cause) {
      this.remove()
      // It was there a moment ago.
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new JailNotRunning({ jail: files.name }, { cause })
      throw cause
    }
  }

  remove(): void {
    // A daemon that the command has left holds the cgroup; it goes with the jail.
    removeCgroup(this.cgroup)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function run(
  host: LinuxHost,
  files: JailFiles,
  command: Command,
  place: CommandPlace,
  streams: CommandStreams,
  context: EffectContext,
): Promise<CommandResult> {
  // With a terminal it is crun that moves every byte, so it cannot be made to stand still.
  const gate = streams.plan.terminal ? null : new ExitGate(join(place.folder, 'pid'), place.cgroup)
  const args = [
    ...crunArguments(host.layout.records, place.log),
    'exec',
    `--cgroup=${place.id}`,
    `--process=${place.description}`,
    ...(gate ? [`--pid-file=${gate.path}`] : []),
    files.id,
  ]
  const options = { cwd: '/', env: {}, extendEnv: false, buffer: false, reject: false } as const
  const child = execa(host.programs().crun, args, { ...options, ...streams.stdio })
  const crunEnd = processEnd(child.nodeChildProcess)
  const outputs = streams.connect(child.nodeChildProcess.stdin, command, context)
  let killing: NodeJS.Timeout | undefined
  const killer = new Killer(command.timeout, context.signal, () => {
    killAll(place.cgroup)
    killing = setInterval(() => killAll(place.cgroup), killPause)
  })
  // Who cannot deliver output has failed: the command must not run on for nobody.
  for (const output of outputs) output.collected.catch(killer.fire)
  try {
    const exact = gate && child.pid !== undefined ? await gate.commandEnd(child.pid, crunEnd) : undefined
    gate?.open()
    const crun = await crunEnd
    if (killing) await emptyCgroup(place.cgroup, AbortSignal.timeout(killLimit))
    throwIfCancelled(context.signal, command.argv[0] ?? '')
    if (!killing) requireStarted(files, command, place, exact !== null)
    for (const output of outputs) output.commandEnded()
    await Promise.all(outputs.map((output) => output.collected))
    const [stdout, stderr] = command.stdio === 'inherit' ? [] : outputs.map((output) => output.text)
    const end = exact ?? (killing ? killed : decodeCrun(crun))
    // One that ended by itself in the last moment has not been timed out.
    const timedOut = killer.timedOut && end.signal === 'SIGKILL' ? { timedOut: true } : {}
    return { stdout: stdout ?? null, stderr: stderr ?? null, ...leftOutOf(outputs), ...end, ...timedOut }
  } finally {
    killer.stop()
    clearInterval(killing)
    streams.disconnect()
    gate?.close()
  }
}

/** crun and the command's process, until that has become the program, write into the log and nowhere else. */
function requireStarted(files: JailFiles, command: Command, place: CommandPlace, seen: boolean): void {
  const reason = crunErrors(place.log) || (seen ? '' : 'crun ended before it and said nothing')
  if (reason === '') return
  if (findRunning(files) === null) throw new JailNotRunning({ jail: files.name })
  throw new JailCommandNotStarted({ jail: files.name, command: command.argv[0] ?? '', reason })
}

/** As shells do it: more than 128 is a signal. */
function decodeCrun({ code, signal }: ProcessEnd): ProcessEnd {
  const name = code !== null && code > 128 ? signalName(code - 128) : null
  return name ? { code: null, signal: name } : { code, signal }
}
