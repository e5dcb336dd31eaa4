// pnpm test [--no-lab] [FILTER…]: everything that CI runs. Filters are parts of test file names.
import { globSync } from 'node:fs'
import { PassThrough } from 'node:stream'
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
const GUEST_LIMIT = 900

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
// A guest has one processor: beside it there is time for the suites that run outside, and for another guest.
const guests = labReady ? labGroups().map(labSuites) : []
parts.push(await suites('suites', filters, outside))
for (const guest of guests) {
  const { part, output } = await guest
  process.stdout.write(output)
  parts.push(part)
}

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

type Run = (argv: string[]) => PromiseLike<{ stdout?: string }>

/** Runs `test/run.ts` somewhere and reads its last line. A run that did not come to its last line counts as a failure. */
async function suites(name: string, only: readonly string[], run: Run): Promise<Part> {
  const { stdout = '' } = await run(['test/run.ts', ...only])
  const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(stdout) ?? []
  if (passed === undefined) notes.push(`${name}: ended before its summary`)
  return { name, passed: Number(passed ?? 0), failed: Number(failed ?? 1), skipped: Number(skipped ?? 0) }
}

function outside(argv: string[]): PromiseLike<{ stdout?: string }> {
  say('\n== suites')
  return execa(process.execPath, argv, { reject: false, stdout: ['inherit', 'pipe'], stderr: 'inherit' })
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

/** The suites that need the lab, for one guest each: those of jails take as long as all others together. */
function labGroups(): string[][] {
  const files = globSync('test/**/*.lab.test.ts')
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .map((file) => file.replaceAll('\\', '/'))
  const ofJails = (file: string): boolean => file.startsWith('test/jail/')
  return [files.filter(ofJails), files.filter((file) => !ofJails(file))].filter((group) => group.length > 0)
}

/** An emulated kernel may hang or die once, and is tried again; what fails in an orderly way is not. */
async function labSuites(files: readonly string[]): Promise<{ part: Part; output: string }> {
  const name = `suites in the lab: ${files.map((file) => file.replace(/^test\/|\.lab\.test\.ts$/g, '')).join(' ')}`
  const first = await inGuest(name, files)
  if (first.part.passed + first.part.failed > 1) return first
  const again = await inGuest(`${name}, again`, files)
  const lost = 'the guest died or was ended by its watchdog; one more try\n'
  return { part: again.part, output: first.output + lost + again.output }
}

/** What the guest says is shown when it has ended, and not between the lines of the others. */
async function inGuest(name: string, files: readonly string[]): Promise<{ part: Part; output: string }> {
  let output = `\n== ${name}\n`
  const part = await suites(name, files, async (argv) => {
    let stdout = ''
    const [out, err] = [new PassThrough(), new PassThrough()]
    out.on('data', (chunk: Buffer) => {
      stdout += chunk
      output += chunk
    })
    err.on('data', (chunk: Buffer) => {
      output += chunk
    })
    await runInLab([process.execPath, ...argv], { timeout: GUEST_LIMIT, stdout: out, stderr: err })
    return { stdout }
  })
  return { part, output }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
