import { globSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What uvu returns for one suite: its errors as text (true: none), passed, skipped, all. */
type SuiteResult = readonly [errors: string | true, passed: number, skipped: number, total: number]
declare global {
  var UVU_QUEUE: (string | null | (() => Promise<SuiteResult>))[][]
  var UVU_DEFER: number
  var UVU_INDEX: number
}

const root = resolve(import.meta.dirname, '..')

// Hundreds of programs are started that load the same: it is compiled once. What counts lines must see it compiled.
if (!process.env.NODE_V8_COVERAGE) {
  process.env.NODE_COMPILE_CACHE = resolve(root, 'node_modules/.cache/compiled')
  enableCompileCache(process.env.NODE_COMPILE_CACHE)
}
const inGuest = process.env.GAOLER_LAB === '1'
const filters = process.argv.slice(2).filter((word) => !word.startsWith('-'))

/** Files named `*.lab.test.ts` need real ZFS or real jails and run in the lab's guest only; all others run outside. */
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => file.endsWith('.lab.test.ts') === inGuest)
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort()

// Before uvu is loaded: it then leaves the running to us.
globalThis.UVU_DEFER = 1
globalThis.UVU_QUEUE = []
const { skips } = await import('./harness.ts')
const sum = { passed: 0, failed: 0, skipped: 0 }
for (const [index, file] of files.entries()) {
  globalThis.UVU_INDEX = index
  globalThis.UVU_QUEUE[index] = []
  const started = performance.now()
  await import(pathToFileURL(resolve(root, file)).href)
  process.stdout.write(`${relative('test', file)}\n`)
  for (const run of globalThis.UVU_QUEUE[index]) {
    if (typeof run !== 'function') continue
    const [errors, passed, skipped, total] = await run().catch(
      (thrown): SuiteResult => [String(thrown?.stack), 0, 0, 1],
    )
    sum.passed += passed
    sum.failed += total - passed
    sum.skipped += skipped
    if (errors !== true) process.stdout.write(`\n${errors}\n`)
  }
  process.stdout.write(`  ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}
for (const skip of skips()) process.stdout.write(`skipped ${skip}\n`)
const left = await leftRunning()
if (left.length > 0) {
  process.stdout.write(`left running by some test: ${left.join(', ')}\n`)
  sum.failed++
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}\n`)
process.exit(sum.failed === 0 && sum.passed > 0 ? 0 : 1)

/** Processes, servers, workers and watchers that still keep this process alive, after a moment to end. */
async function leftRunning(): Promise<string[]> {
  const own = /^(TTYWrap|PipeWrap|Timeout|Immediate|FSReq.*|CloseReq|FILEHANDLECLOSEREQ)$/
  for (let patience = 30; ; patience--) {
    const found = process.getActiveResourcesInfo().filter((resource) => !own.test(resource))
    if (found.length === 0 || patience === 0) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
