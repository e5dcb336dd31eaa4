// pnpm bench zfs: what calls, bulk calls, lists and streams cost beside pyzfs and the command zfs, on real ZFS in the lab.
import { join } from 'node:path'
import { prepareLab, runInLab } from '../lab/lab.ts'
import { pyzfs } from './zfs/pyzfs.ts'

const parts = ['calls', 'nvlist', 'bulk', 'streams', 'list']
const wanted = process.argv.slice(2)
const unknown = wanted.find((part) => !parts.includes(part))
if (unknown !== undefined) throw new TypeError(`there is no part ${unknown}, only ${parts.join(', ')}`)

await prepareLab({ log: console.error })
const env = { PYTHONPATH: await pyzfs() }
for (const part of wanted.length > 0 ? wanted : parts) {
  const program = join(import.meta.dirname, 'zfs', `${part}.ts`)
  const { code } = await runInLab([process.execPath, '--expose-gc', program], { timeout: 600, memory: '6G', env })
  if (code !== 0) process.exitCode = code
}
