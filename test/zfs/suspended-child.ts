import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openZfs, type SnapshotFailure, SuspendedPool } from '@gaoler/zfs'
import { assert, thrown } from '../harness.ts'

// Run in a guest of its own, which may hang: a pool whose device fails, since the file system below it is full.
const small = join(process.env.GAOLER_LAB_SCRATCH ?? '/tmp', 'small')
const image = join(small, 'image')
const pool = 'suspended'
mkdirSync(small)
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'none', small])
writeFileSync(image, '')
truncateSync(image, 256 * 1_048_576)
execFileSync('zpool', ['create', '-o', 'failmode=wait', '-O', 'compression=off', '-m', join(small, 'mnt'), pool, image])
const zfs = openZfs()
await zfs.create(`${pool}/a`)

const state = (): string => readFileSync(`/proc/spl/kstat/zfs/${pool}/state`, 'utf8').trim()
const until = async (wanted: string): Promise<void> => {
  while (state() !== wanted) await new Promise((resolve) => setTimeout(resolve, 50))
}

const writer = spawn('dd', ['if=/dev/zero', `of=${join(small, 'mnt', 'file')}`, 'bs=1M', 'count=150'], {
  stdio: 'ignore',
})
await until('SUSPENDED')
process.stdout.write('suspended\n')
for (const call of [
  () => zfs.create(`${pool}/b`),
  () => zfs.rename(`${pool}/a`, `${pool}/b`),
  () => zfs.destroy(`${pool}/a`),
  () => zfs.set(`${pool}/a`, { atime: 'off' }),
  // In this process: were they to reach the kernel's mount, nobody could kill it.
  () => zfs.mount(`${pool}/a`),
  () => zfs.unmount(pool),
]) {
  const error = await thrown(call)
  assert.instance(error, SuspendedPool, `${call} ${error.message}`)
}
const several = await thrown<SnapshotFailure>(() => zfs.snapshot([`${pool}/a@x`]))
assert.instance(several.errors[0], SuspendedPool)
process.stdout.write('refused\n')
execFileSync('mount', ['-o', 'remount,size=400m', small])
execFileSync('zpool', ['clear', pool])
await until('ONLINE')
await zfs.create(`${pool}/b`)
writer.kill('SIGKILL')
process.stdout.write('well again\n')
