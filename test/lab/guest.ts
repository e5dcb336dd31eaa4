import { type ChildProcess, spawn } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { artefacts, cached, here, tail } from './cache.ts'
import { takeCpu } from './lock.ts'
import { TerminalInput } from './streams.ts'

export interface GuestOptions {
  /** The folder with linux, spl.ko and zfs.ko. */
  readonly kernel: string
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Seconds. */
  readonly timeout: number
  /** As the kernel writes it: `4G`. */
  readonly memory: string
  readonly pool?: string | undefined
  /** Folders that the guest may write on the machine. */
  readonly shared: readonly string[]
  /** Set for a terminal: then standard error comes with standard output. */
  readonly terminal?: { rows: number; columns: number } | undefined
  readonly stdin?: Readable | undefined
  readonly stdout: Writable
  readonly stderr: Writable
  readonly signal?: AbortSignal | undefined
}

export interface GuestResult {
  readonly code: number
  readonly timedOut: boolean
}

export interface Guest {
  /** Sends a signal to the command, not to the guest. */
  kill(signal: string): void
  resize(rows: number, columns: number): void
  readonly result: Promise<GuestResult>
}

/** Thrown when the guest ended without the command's exit code. */
class GuestError extends Error {
  override name = 'GuestError'
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

export async function startGuest(options: GuestOptions): Promise<Guest> {
  const cpu = await takeCpu()
  const folder = scratchFolder(cached('run'))
  const settings = writeRun(folder, options)
  // The kernel unlinks its memory's file at once; the folder keeps two guests apart.
  const memory = scratchFolder('/dev/shm')
  const log = openSync(join(folder, 'console.log'), 'a')
  const child = spawn(
    'taskset',
    // The kernel must not outlive this process: it would go on for nobody.
    ['-c', String(cpu.cpu), 'setpriv', '--pdeathsig', 'KILL', join(options.kernel, 'linux'), ...settings],
    {
      stdio: ['ignore', log, log, 'pipe', 'pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, TMPDIR: memory },
      detached: true,
    },
  )
  closeSync(log)
  const { orders } = streams(child)
  orders.on('error', () => {})
  const end = new AbortController()
  options.signal?.addEventListener('abort', () => end.abort(options.signal?.reason), { once: true })
  if (options.signal?.aborted) end.abort()
  let ready = false
  orders.once('data', () => {
    ready = true
  })
  const result = watch(child, folder, options, end.signal).finally(() => {
    cpu.release()
    rmSync(memory, { recursive: true, force: true })
    if (!process.env.GAOLER_LAB_KEEP) rmSync(folder, { recursive: true, force: true })
  })
  return {
    // Before there is a command to tell, the guest itself is ended.
    kill: (signal) => void (ready ? orders.write(`signal ${signal.replace(/^SIG/, '')}\n`) : end.abort()),
    resize: (rows, columns) => void orders.write(`size rows ${rows} cols ${columns}\n`),
    result,
  }
}

/** A new folder for this process's guest. What guests left whose process was killed is removed first. */
function scratchFolder(parent: string): string {
  for (const name of readdirSync(parent)) {
    const pid = /^gaoler-lab-(\d+)-/.exec(name)?.[1]
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(parent, name), { recursive: true, force: true })
  }
  return mkdtempSync(join(parent, `gaoler-lab-${process.pid}-`))
}

/** Writes what the guest's init reads; gives the words of the kernel's command line. */
function writeRun(folder: string, options: GuestOptions): string[] {
  const { terminal } = options
  copyFileSync(join(here, 'init.sh'), join(folder, 'init.sh'))
  for (const file of artefacts.slice(1)) copyFileSync(join(options.kernel, file), join(folder, file))
  const settings: Record<string, string> = {
    LAB_POOL: options.pool ?? '',
    LAB_STDIN: options.stdin ? '1' : '',
    LAB_TERMINAL: terminal ? '1' : '',
    LAB_ROWS: String(terminal?.rows ?? ''),
    LAB_COLUMNS: String(terminal?.columns ?? ''),
    LAB_SCRATCH: options.env.GAOLER_LAB_SCRATCH ?? '',
  }
  const shared = options.shared.map((path) => `share ${quote(path)}\n`).join('')
  writeFileSync(
    join(folder, 'settings'),
    `${Object.entries(settings)
      .map(([name, value]) => `${name}=${quote(value)}\n`)
      .join('')}share_all() {\n:\n${shared}}\n`,
  )
  const environment = Object.entries(options.env).map(([name, value]) => `${name}=${quote(value)}`)
  writeFileSync(
    join(folder, 'command'),
    [
      'echo $$ >/run/lab/pid',
      `cd ${quote(options.cwd)} || exit 125`,
      // env and not export: a name that the shell does not allow must still get through.
      `exec env -i ${environment.join(' ')} ${options.argv.map(quote).join(' ')}`,
      '',
    ].join('\n'),
  )
  const consoles = terminal
    ? ['con1=fd:3,fd:4', 'con2=null', 'con3=null,fd:5']
    : ['con1=fd:3,null', 'con2=null,fd:4', 'con3=null,fd:5']
  return [
    `mem=${options.memory}`,
    'rootfstype=hostfs',
    'rootflags=/',
    'rw',
    'quiet',
    'panic=-1',
    `uml_dir=${folder}`,
    'con=null',
    'con0=null,fd:1',
    ...consoles,
    'con4=fd:6,fd:6',
    `init=${join(folder, 'init.sh')}`,
    `LAB_RUN=${folder}`,
  ]
}

/** The consoles. Node's types know only the first five streams of a child. */
function streams(child: ChildProcess) {
  const [, , , input, output, errors, orders] = child.stdio as unknown as (Readable | Writable)[]
  return { input: input as Writable, output: output as Readable, errors: errors as Readable, orders: orders as Socket }
}

async function watch(
  child: ChildProcess,
  folder: string,
  options: GuestOptions,
  end: AbortSignal,
): Promise<GuestResult> {
  const { input, output, errors, orders } = streams(child)
  let timedOut = false
  const stop = () => void child.kill('SIGKILL')
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, options.timeout * 1000)
  end.addEventListener('abort', stop, { once: true })
  if (end.aborted) stop()

  input.on('error', () => {})
  // What is sent before the guest has set up its terminals is lost.
  orders.once('data', () => {
    if (!options.stdin) return
    if (options.terminal) options.stdin.pipe(input)
    else options.stdin.pipe(new TerminalInput()).pipe(input, { end: false })
  })
  output.pipe(options.stdout, { end: false })
  errors.pipe(options.stderr, { end: false })
  try {
    await Promise.all([closed(child), finished(output), finished(errors)])
  } finally {
    clearTimeout(timer)
    options.stdin?.unpipe()
  }
  if (timedOut) return { code: 124, timedOut }
  const code = readCode(folder)
  if (code !== undefined) return { code, timedOut }
  if (end.aborted) return { code: 137, timedOut }
  throw new GuestError(
    `the guest ended without an exit code; the end of its log:\n${tail(join(folder, 'console.log'))}`,
  )
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => resolve())
  })
}

function readCode(folder: string): number | undefined {
  try {
    return Number(readFileSync(join(folder, 'code'), 'utf8'))
  } catch {
    return undefined
  }
}
