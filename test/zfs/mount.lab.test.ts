import { execFileSync, spawnSync } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openZfs, PropertyInvalid, ZFSCommandFailed } from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { makePool, type Pool } from './pool.ts'

// What conformance/zfs-mounts.ts cannot see: how it is done, and what only a kernel has.
const test = suite('zfs/mount')
const zfs = openZfs()
const child = join(import.meta.dirname, 'openzfs-child.ts')
let pool: Pool
let count = 0
test.before(() => {
  pool = makePool()
})
test.after(() => pool.destroy())

const filesystem = async (props: Record<string, bigint> = {}): Promise<string> => {
  const name = `${pool.name}/m${++count}`
  await zfs.create(name, { props })
  return name
}
const placeOf = (name: string): string => pool.path + name.slice(pool.name.length)
/** The options with which the kernel has it mounted; undefined where it has not. */
const optionsOf = (name: string): string | undefined =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[3]

/** The processes that this one starts meanwhile. */
async function processesOf(body: () => Promise<unknown>): Promise<number> {
  let started = 0
  const note = (): void => void started++
  subscribe('child_process', note)
  try {
    await body()
  } finally {
    unsubscribe('child_process', note)
  }
  return started
}

test('mounting and unmounting start no process, and only a failure that needs words does', async () => {
  const name = await filesystem()
  const started = await processesOf(async () => {
    await zfs.mount(name)
    await zfs.mount(name)
    await zfs.unmount(name)
    await zfs.unmount(name)
    await zfs.mount(name)
    await zfs.unmount(name, { force: true })
  })
  assert.is(started, 0)
  assert.ok((await processesOf(() => zfs.list({ root: name }))) > 0)
  await zfs.set(name, { canmount: 'off' })
  assert.ok((await processesOf(() => thrown(() => zfs.mount(name)))) > 0)
})

test('what is mounted has the options that the command gives it', async () => {
  for (const props of [
    {},
    { atime: 0n },
    { atime: 1n, relatime: 0n },
    { exec: 0n, setuid: 0n, devices: 0n },
    { readonly: 1n },
  ]) {
    const name = await filesystem(props as Record<string, bigint>)
    execFileSync('zfs', ['mount', name])
    const wanted = optionsOf(name)
    execFileSync('zfs', ['unmount', name])
    await zfs.mount(name)
    assert.is(optionsOf(name), wanted, JSON.stringify(Object.keys(props)))
    await zfs.unmount(name)
    assert.is(optionsOf(name), undefined)
  }
})

test('a place that is not empty is refused where overlay is off, and nothing else is said', async () => {
  const name = await filesystem()
  await zfs.set(name, { overlay: 'off' })
  mkdirSync(placeOf(name), { recursive: true })
  writeFileSync(join(placeOf(name), 'file'), '')
  const error = await thrown<ZFSCommandFailed>(() => zfs.mount(name))
  assert.instance(error, ZFSCommandFailed)
  assert.match(String(error.details.stderr), /^cannot mount '.*': directory is not empty\n$/)
  assert.is(optionsOf(name), undefined)
  const calls = [
    ['mountSync', name],
    ['mount', name],
    ['unmount', `${name}/missing`],
    ['unmountSync', `${name}/missing`],
  ]
  const { stdout, stderr } = spawnSync(process.execPath, [child, JSON.stringify(calls)], { encoding: 'utf8' })
  assert.is(stderr, '')
  assert.equal(
    JSON.parse(stdout).map(({ error }: { error: { code: string } }) => error.code),
    ['ZFS_COMMAND_FAILED', 'ZFS_COMMAND_FAILED', 'ZFS_FILESYSTEM_NOT_FOUND', 'ZFS_FILESYSTEM_NOT_FOUND'],
  )
})

test('what belongs to a zone, or was received in part, is not mounted', async () => {
  const zoned = await filesystem({ zoned: 1n })
  assert.match((await thrown(() => zfs.mount(zoned))).message, /exported to a local zone/)
  const name = await filesystem()
  writeFileSync(join(pool.path, 'file'), Buffer.alloc(4_000_000, 'x'))
  await zfs.snapshot([`${pool.name}@part`])
  const part = `${pool.name}/part`
  spawnSync('sh', ['-c', `zfs send "$0" | head -c 2000000 | zfs receive -s -u "$1"`, `${pool.name}@part`, part])
  assert.match((await thrown(() => zfs.mount(part))).message, /partially-completed state/)
  assert.is(optionsOf(part), undefined)
  await zfs.mount(name)
  assert.is.not(optionsOf(name), undefined)
})

test('one that is mounted by mount(8) is unmounted by umount(8)', async () => {
  const name = await filesystem()
  await zfs.set(name, { mountpoint: 'legacy' })
  const place = join(pool.path, 'legacy')
  mkdirSync(place)
  execFileSync('mount', ['-t', 'zfs', name, place])
  const error = await thrown(() => zfs.unmount(name))
  assert.instance(error, PropertyInvalid)
  assert.is.not(optionsOf(name), undefined)
  execFileSync('umount', [place])
})

test('many at once, blocking ones between them, are all done, and leave no descriptor', async () => {
  const names = await Promise.all(Array.from({ length: 24 }, () => filesystem()))
  const last = names.pop() as string
  const round = async (): Promise<void> => {
    const mounting = Promise.all(names.map((name) => zfs.mount(name)))
    zfs.mountSync(last)
    await mounting
    assert.ok([...names, last].every((name) => optionsOf(name) !== undefined))
    const unmounting = Promise.all(names.map((name) => zfs.unmount(name)))
    zfs.unmountSync(last)
    await unmounting
    assert.ok([...names, last].every((name) => optionsOf(name) === undefined))
  }
  await round()
  const before = readdirSync('/proc/self/fd').length
  await round()
  assert.is(readdirSync('/proc/self/fd').length, before)
})

test('a pool that comes back read-only is mounted so', async () => {
  const other = makePool(64)
  const name = `${other.name}/a`
  try {
    await zfs.create(name)
    await zfs.mount(name)
    await zfs.unmount(name)
    execFileSync('zpool', ['export', other.name])
    const image = join(other.path, '..')
    execFileSync('zpool', ['import', '-N', '-o', 'readonly=on', '-d', image, other.name])
    await zfs.mount(name)
    assert.ok(optionsOf(name)?.startsWith('ro,'), optionsOf(name))
    assert.ok(existsSync(other.path))
  } finally {
    other.destroy()
  }
})

test('where libzfs would run mount(8) itself, the command does all of it', async () => {
  const name = await filesystem()
  process.env.ZFS_MOUNT_HELPER = '1'
  try {
    assert.is(await processesOf(() => zfs.mount(name)), 1)
    zfs.unmountSync(name)
  } finally {
    delete process.env.ZFS_MOUNT_HELPER
  }
  assert.is(optionsOf(name), undefined)
})

test('where there is no libzfs, or a newer one, the command is run', async () => {
  const name = await filesystem()
  const calls = [
    ['mount', name],
    ['unmountSync', name],
    ['mountSync', name],
  ]
  const args = [join(import.meta.dirname, 'openzfs-without-library.ts'), JSON.stringify(calls), 'libzfs.so']
  assert.equal(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })), [
    { answer: null },
    { answer: null },
    { answer: null },
  ])
  assert.is.not(optionsOf(name), undefined)
})

test.run()
