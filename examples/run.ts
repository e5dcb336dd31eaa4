// pnpm example NAME: runs one of the examples in this folder.
import { globSync } from 'node:fs'

// What follows the name is the example's own: `pnpm example demo --json`.
const [name] = process.argv.splice(2, 1)
const names = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((file) => file !== 'run')
  .sort()
if (name !== undefined && names.includes(name)) await import(`./${name}.ts`)
else {
  console.error(`usage: pnpm example NAME, with NAME one of: ${names.join(', ')}`)
  process.exitCode = 2
}
