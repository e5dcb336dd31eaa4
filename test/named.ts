// pnpm bench NAME, pnpm fuzz NAME: runs test/bench/NAME.ts or test/fuzz/NAME.ts; what follows is given to it.
import { globSync } from 'node:fs'
import { join } from 'node:path'

const [kind = '', name, ...argv] = process.argv.slice(2)
const names = globSync('*.ts', { cwd: join(import.meta.dirname, kind) })
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((file) => !file.endsWith('-module'))
  .sort()
if (name !== undefined && names.includes(name)) {
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...argv)
  await import(`./${kind}/${name}.ts`)
} else {
  console.error(`usage: pnpm ${kind} NAME, with NAME one of: ${names.join(', ')}`)
  process.exitCode = 2
}
