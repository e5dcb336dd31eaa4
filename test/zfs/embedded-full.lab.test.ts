import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedZfs, NoSpace } from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { litter } from './embedded-fixture.ts'

const test = suite('embedded ZFS on a full disk')
const home = mkdtempSync(join(tmpdir(), 'gaoler-full-'))
test.before(() => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', home]))
test.after(() => {
  // The lock is still open.
  execFileSync('umount', ['-l', home])
  rmSync(home, { recursive: true })
})

/** Writes until nothing more can be written. */
function fill(path: string): void {
  for (const size of [100_000, 4096, 1]) {
    try {
      for (let n = 0; ; n++) writeFileSync(join(path, `${size}.${n}`), Buffer.alloc(size))
    } catch (error) {
      assert.is((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
  }
}

test('what fails for want of space changes nothing, and there is always enough left to destroy something', async () => {
  const directory = join(home, 'zfs')
  const zfs = embeddedZfs({ directory })
  const path = join(directory, 'mnt/tank/a')
  zfs.pools.createSync('tank')
  zfs.createSync('tank/a')
  zfs.mountSync('tank/a')
  writeFileSync(join(path, 'file'), Buffer.alloc(300_000, 'x'))
  zfs.snapshotSync(['tank/a@x'])
  fill(path)
  assert.instance(await thrown(() => zfs.snapshot(['tank/a@y'])), NoSpace)
  assert.is(await zfs.exists('tank/a@y'), false)
  for (let turn = 0; turn < 3; turn++) {
    zfs.setSync('tank/a', { 'gaoler:turn': String(turn) })
    fill(path)
  }
  await zfs.destroySnaps(['tank/a@x'])
  assert.is(readFileSync(join(path, 'file')).length, 300_000)
  await zfs.unmount('tank/a')
  await zfs.destroy('tank/a')
  assert.equal(litter(directory), [])
})

test.run()
