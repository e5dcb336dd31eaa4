import { parseArgs } from 'node:util'
import { CannotRun, labStatus, prepareLab, startInLab } from './lab.ts'

const usage = `pnpm lab -- [OPTION…] COMMAND [ARGUMENT…]

Runs a command in a guest with real ZFS and real containers, over this machine's own files.
What the guest writes is thrown away, except in a --share folder.

  --timeout SECONDS  end the guest after so long, with exit code 124 (900)
  --pool NAME        make a pool on a file of 2 GiB first
  --memory SIZE      the guest's memory (4G)
  --share FOLDER     a folder that the guest may write on this machine; may be repeated
  --status           say what is missing here, and do nothing
  --prepare          install and build what is missing, and run nothing
  --help

Exit codes: the command's own; 75 the lab cannot run here; 124 time limit; 125 the lab failed.
`

const cannotRun = 75
const labFailed = 125
const say = (line: string) => void process.stderr.write(`lab: ${line}\n`)

/** Options end where the command begins: what follows is the command's, and a package manager may leave a `--` before. */
function split(args: string[]): { options: string[]; command: string[] } {
  const rest = args[0] === '--' ? args.slice(1) : args
  const takesValue = new Set(['--timeout', '--pool', '--memory', '--share'])
  let index = 0
  while (rest[index]?.startsWith('-') && rest[index] !== '--') index += takesValue.has(rest[index] ?? '') ? 2 : 1
  return { options: rest.slice(0, index), command: rest.slice(rest[index] === '--' ? index + 1 : index) }
}

function readOptions(args: string[]) {
  return parseArgs({
    args,
    options: {
      timeout: { type: 'string', default: '900' },
      pool: { type: 'string' },
      memory: { type: 'string' },
      share: { type: 'string', multiple: true, default: [] },
      status: { type: 'boolean', default: false },
      prepare: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values
}

async function main(args: string[]): Promise<number> {
  const { options, command } = split(args)
  const values = readOptions(options)
  if (values.help) return print(usage)
  if (values.status) return status()
  const timeout = Number(values.timeout)
  if (!(timeout > 0)) throw new TypeError(`--timeout takes a number of seconds, not ${values.timeout}`)
  if (values.pool && !/^[a-z][\w.-]*$/i.test(values.pool)) throw new TypeError(`no pool can be named ${values.pool}`)
  if (values.memory && !/^\d+[KMG]$/.test(values.memory)) throw new TypeError('--memory takes a size like 4G')
  if (command.length === 0 && !values.prepare) throw new TypeError(`no command was given\n\n${usage}`)
  await prepareLab({ log: say })
  if (values.prepare) return 0
  return run(command, { timeout, pool: values.pool, memory: values.memory, shared: values.share })
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

async function status(): Promise<number> {
  const { ready, reason, needs } = await labStatus()
  if (reason) say(reason)
  else print(ready ? 'ready\n' : `needs ${needs.join(', ')}\n`)
  return reason ? cannotRun : 0
}

async function run(command: string[], options: Parameters<typeof startInLab>[1] & {}): Promise<number> {
  const { stdin, stdout } = process
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true
  const { rows, columns } = stdout
  const end = new AbortController()
  // Who reads our output may leave early, as `head` does: then nobody wants the rest.
  stdout.on('error', () => end.abort())
  const guest = await startInLab(command, {
    ...options,
    signal: end.signal,
    stdin,
    ...(isTerminal ? { terminal: { rows, columns } } : {}),
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let asked = 0
  for (const signal of signals) {
    // A command may ignore a signal or two; who asks a third time means it.
    process.on(signal, () => (++asked < 3 ? guest.kill(signal) : end.abort()))
  }
  if (isTerminal) {
    stdin.setRawMode(true)
    stdout.on('resize', () => guest.resize(stdout.rows, stdout.columns))
  }
  try {
    const { code, timedOut } = await guest.result
    if (timedOut) say(`time limit: the command ran longer than ${options.timeout} s, and the guest was ended`)
    return code
  } finally {
    if (isTerminal) stdin.setRawMode(false)
    stdin.destroy()
  }
}

function failed(error: unknown): number {
  say(error instanceof Error ? error.message : String(error))
  if (error instanceof CannotRun) return cannotRun
  return error instanceof TypeError ? 2 : labFailed
}

process.exitCode = await main(process.argv.slice(2)).catch(failed)
