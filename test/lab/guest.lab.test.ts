import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert, suite } from '../harness.ts'
import { labRelease, labStatus } from './lab.ts'

const test = suite('lab, inside')
const run = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' })

test('ZFS is there, library and module of one version', () => {
  const [library, module] = run('zfs', 'version').trim().split('\n')
  assert.is(`zfs-kmod-${library?.replace('zfs-', '')}`, module)
  assert.is(statSync('/dev/zfs').mode & 0o777, 0o666)
})

test('a pool fits into the scratch folder', () => {
  const file = join(process.env.GAOLER_LAB_SCRATCH ?? '', 'lab-test.img')
  run('truncate', '-s', '256M', file)
  run('zpool', 'create', '-O', 'mountpoint=none', 'lab-test', file)
  try {
    assert.match(run('zpool', 'list', '-H', '-o', 'name'), /^lab-test$/m)
  } finally {
    run('zpool', 'destroy', 'lab-test')
  }
})

test('what jails need is there', () => {
  for (const command of ['crun', 'ip', 'nft', 'setpriv', 'unshare', 'mount', 'catatonit']) run('which', command)
  assert.is(run('unshare', '--user', '--map-root-user', 'id', '-u').trim(), '0')
  assert.match(readFileSync('/sys/fs/cgroup/cgroup.subtree_control', 'utf8'), /cpu.*io.*memory.*pids/)
  assert.match(run('ip', '-brief', 'address', 'show', 'lo'), /127\.0\.0\.1/)
})

test("the release is what its manifest says, and the guest's mirror holds it", () => {
  const { mirror, name } = labRelease()
  const folder = join(fileURLToPath(mirror), name)
  const [file, digest, entries, set, , isDefault] = readFileSync(join(folder, 'MANIFEST'), 'utf8').trim().split('\t')
  assert.equal([file, set, isDefault], ['base.txz', 'base', 'on'])
  const archive = readFileSync(join(folder, 'base.txz'))
  assert.is(createHash('sha256').update(archive).digest('hex'), digest)
  assert.ok(Number(entries) > 1000)
})

test('there is no lab in the lab', async () => {
  const { ready, reason } = await labStatus()
  assert.equal([ready, reason], [false, 'this is the lab already'])
  assert.ok(existsSync('/proc/spl'))
})

test.run()
