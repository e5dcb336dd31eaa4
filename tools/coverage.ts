// pnpm coverage [FILTER…]: runs suites, and shows what of core and zfs they did not reach. It fails under the floors.
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { root } from './packages.ts'

/** Percents, a little less than is reached outside the lab: what depends on time is no failure, a part without test is. */
const floors: Readonly<Record<string, { lines: number; branches: number }>> = {
  core: { lines: 97, branches: 94 },
  zfs: { lines: 95, branches: 91 },
}

const filters = process.argv.slice(2)
const folder = join(root, 'node_modules/.cache/coverage')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
// Some tests start processes of other users, and these write down what they ran too.
chmodSync(folder, 0o1777)

// Whether the tests pass is said by `pnpm test`: this recording is seen by those that look at an environment or a heap.
await execa(process.execPath, ['test/run.ts', ...(filters.length === 0 ? ['core/', 'zfs/'] : filters)], {
  cwd: root,
  env: { NODE_V8_COVERAGE: folder },
  reject: false,
  stdio: 'inherit',
})

for (const [name, { lines, branches }] of Object.entries(floors)) {
  process.stdout.write(`\n${name}: at least ${lines} % of lines, ${branches} % of branches\n`)
  const options = ['--check-coverage', `--lines=${lines}`, `--branches=${branches}`, '--functions=0', '--statements=0']
  const argv = ['report', `--temp-directory=${folder}`, `--include=packages/${name}/src/**`, ...options]
  const { failed } = await execa('c8', argv, { cwd: root, preferLocal: true, reject: false, stdio: 'inherit' })
  if (failed) process.exitCode = 1
}
