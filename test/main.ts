// pnpm test [--no-lab] [FILTER…]: everything that CI runs. Filters are parts of test file names.
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { labStatus, prepareLab, runInLab } from './lab/lab.ts'

/** What only passes or fails, and takes a few seconds; types and outputs before what reads them. */
const checks: readonly [tool: string, ...argv: string[]][] = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '-b'],
  ['knip', '--no-progress', '--no-config-hints'],
  ['node', 'tools/lint-packages.ts'],
]

/** Seconds that the suites may take in a guest before it is ended. */
const GUEST_LIMIT = 600

interface Part {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const { values, positionals: filters } = parseArgs({
  options: { lab: { type: 'boolean', default: true } },
  allowNegative: true,
  allowPositionals: true,
  args: process.argv.slice(2).filter((word) => word !== '--'),
})
const inCI = Boolean(process.env.CI)
const parts: Part[] = []
const notes: string[] = []

if (filters.length === 0) for (const argv of checks) await check(...argv)
const labReady = await prepared()
parts.push(
  await suites('suites', (argv) =>
    execa(process.execPath, argv, { reject: false, stdout: ['inherit', 'pipe'], stderr: 'inherit' }),
  ),
)
if (labReady) parts.push(await labSuites())

for (const note of notes) say(note)
const sum = (key: 'passed' | 'failed' | 'skipped'): number => parts.reduce((total, part) => total + part[key], 0)
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')]
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)

/** A tool that only passes or fails; biome has no binary for some systems, which only formatting needs. */
async function check(tool: string, ...argv: string[]): Promise<void> {
  say(`\n== ${tool} ${argv.join(' ')}`)
  const { failed, code } = await execa(tool, argv, { reject: false, stdio: 'inherit', preferLocal: true })
  if (code === 'ENOENT' && !inCI) notes.push(`skipped ${tool}: there is no binary of it for this system`)
  else if (failed) notes.push(`failed: ${tool}`)
  parts.push({ name: tool, passed: failed ? 0 : 1, failed: failed && (code !== 'ENOENT' || inCI) ? 1 : 0, skipped: 0 })
}

/** Runs `test/run.ts` somewhere and reads its last line. A run that did not come to its last line counts as a failure. */
async function suites(name: string, run: (argv: string[]) => PromiseLike<{ stdout?: string }>): Promise<Part> {
  say(`\n== ${name}`)
  const { stdout = '' } = await run(['test/run.ts', ...filters])
  const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(stdout) ?? []
  if (passed === undefined) notes.push(`${name}: ended before its summary`)
  return { name, passed: Number(passed ?? 0), failed: Number(failed ?? 1), skipped: Number(skipped ?? 0) }
}

/** Whether the lab can be used: installs and builds what it lacks, unless that was declined or cannot be done here. */
async function prepared(): Promise<boolean> {
  const { ready, reason, needs } = await labStatus()
  const why = values.lab ? reason : 'declined with --no-lab'
  if (why !== undefined) {
    notes.push(`skipped everything that needs real ZFS and real jails: ${why}`)
    if (inCI && values.lab) parts.push({ name: 'lab', passed: 0, failed: 1, skipped: 0 })
    return false
  }
  if (!ready) {
    say(`\n== the lab is prepared first (--no-lab declines); it installs and builds: ${needs.join(', ')}`)
    try {
      await prepareLab({ log: say })
    } catch (error) {
      notes.push(`the lab could not be prepared: ${(error as Error).message.split('\n', 1)}`)
      parts.push({ name: 'lab', passed: 0, failed: 1, skipped: 0 })
      return false
    }
  }
  return true
}

/** An emulated kernel may hang or die once, and is tried again; what fails in an orderly way is not. */
async function labSuites(): Promise<Part> {
  const first = await suites('suites in the lab', inGuest)
  if (first.passed + first.failed > 1) return first
  say('the guest died or was ended by its watchdog; one more try')
  return suites('suites in the lab, again', inGuest)
}

async function inGuest(argv: string[]): Promise<{ stdout: string }> {
  let stdout = ''
  const { PassThrough } = await import('node:stream')
  const tee = new PassThrough()
  tee.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    process.stdout.write(chunk)
  })
  await runInLab([process.execPath, ...argv], { timeout: GUEST_LIMIT, stdout: tee, stderr: process.stderr })
  return { stdout }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
