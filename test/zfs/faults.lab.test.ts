import { execFileSync } from 'node:child_process'

import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { reviveError, type SerialisedError } from '@gaoler/core'
import {
  DatasetBusy,
  EncryptionKeyAlreadyLoaded,
  EncryptionKeyInvalid,
  EncryptionKeyNotLoaded,
  NoSpace,
  newPassphraseKey,
  newPassphraseKeySync,
  openZfs,
  PropertyInvalid,
  passphraseKey,
  passphraseKeySync,
  ReadOnlyPool,
  receiveHeader,
  type SnapshotFailure,
  ZFSInitializationFailed,
} from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { makePool, type Pool } from './pool.ts'

const test = suite('zfs/faults')
const zfs = openZfs()
const fast = { iterations: 100_000 }
/** aes-256-gcm, of zio_encrypt in OpenZFS's sys/fs/zfs.h. */
const encryption = 8n
let pool: Pool
test.before(() => {
  pool = makePool()
})
test.after(() => pool.destroy())

const zfsCommand = (input: string, ...args: string[]): string => execFileSync('zfs', args, { input, encoding: 'utf8' })
const status = async (name: string): Promise<unknown> =>
  (await zfs.get(name, ['keystatus'])).properties.keystatus?.value

test('what the command encrypts with a passphrase is unlocked here, and only with that one', async () => {
  const name = `${pool.name}/theirs`
  const words = 'correct horse'
  const options = ['encryption=on', 'keyformat=passphrase', 'pbkdf2iters=100000'].flatMap((option) => ['-o', option])
  zfsCommand(`${words}\n`, 'create', ...options, name)
  await zfs.create(`${name}/below`)
  assert.instance(await thrown(() => zfs.unloadKey(name)), DatasetBusy)
  zfsCommand('', 'unmount', name)
  assert.instance(
    await thrown(async () => zfs.loadKey(name, await passphraseKey(zfs, name, words))),
    EncryptionKeyAlreadyLoaded,
  )
  await zfs.unloadKey(name)
  assert.instance(await thrown(() => zfs.unloadKey(name)), EncryptionKeyNotLoaded)
  assert.instance(await thrown(() => zfs.mount(name)), EncryptionKeyNotLoaded)
  const wrong = await thrown(async () => zfs.loadKey(name, await passphraseKey(zfs, name, 'correct house')))
  assert.instance(wrong, EncryptionKeyInvalid)
  assert.not.match(JSON.stringify(wrong), /correct/)
  // A dataset below has the salt of its encryption root.
  const key = passphraseKeySync(zfs, `${name}/below`, Buffer.from(words))
  zfs.loadKeySync(name, key, { noop: true })
  assert.is(await status(name), 'unavailable')
  zfs.loadKeySync(name, key)
  assert.is(await status(`${name}/below`), 'available')
  assert.instance(await thrown(() => passphraseKey(zfs, pool.name, words)), PropertyInvalid)
})

test('what is encrypted here is unlocked by the command, also after a change of the passphrase', async () => {
  const name = `${pool.name}/ours`
  const { key, props } = await newPassphraseKey('correct horse', fast)
  await zfs.create(name, { props: { ...props, encryption }, key })
  await zfs.unloadKey(name)
  assert.throws(
    () => execFileSync('zfs', ['load-key', name], { input: 'correct house\n', stdio: 'pipe' }),
    /Incorrect key/,
  )
  zfsCommand('correct horse\n', 'load-key', name)
  const next = newPassphraseKeySync('battery staple', fast)
  await zfs.changeKey(name, 'new_key', next)
  await zfs.unloadKey(name)
  assert.throws(
    () => execFileSync('zfs', ['load-key', name], { input: 'correct horse\n', stdio: 'pipe' }),
    /Incorrect key/,
  )
  zfsCommand('battery staple\n', 'load-key', name)
  assert.is(await status(name), 'available')
})

test('a stream is received into a dataset with a passphrase of its own', async () => {
  const [from, name] = [`${pool.name}/plain`, `${pool.name}/received`]
  await zfs.create(from)
  await zfs.snapshot([`${from}@x`])
  const file = join(pool.path, 'stream')
  const out = openSync(file, 'w')
  await zfs.send(`${from}@x`, out)
  closeSync(out)
  const { key, props } = await newPassphraseKey('correct horse', fast)
  const input = openSync(file, 'r')
  const { record } = await receiveHeader(input)
  await zfs.receiveWithCmdprops(`${name}@x`, input, record, { cmdprops: { ...props, encryption }, key })
  closeSync(input)
  await zfs.unloadKey(name)
  zfsCommand('correct horse\n', 'load-key', name)
  assert.is(await status(name), 'available')
})

test('a pool that is imported read-only says so, by calls and by commands', async () => {
  const name = `${pool.name}/old`
  await zfs.create(name)
  await zfs.snapshot([`${name}@x`])
  const directory = join(pool.path, '..')
  execFileSync('zpool', ['export', pool.name])
  execFileSync('zpool', ['import', '-N', '-d', directory, '-o', 'readonly=on', pool.name])
  try {
    assert.is(await zfs.exists(`${name}@x`), true)
    for (const call of [
      () => zfs.create(`${name}/a`),
      () => zfs.rename(name, `${name}2`),
      () => zfs.rollback(name),
      () => zfs.set(name, { atime: 'off' }),
      () => zfs.allow(name, 'everyone', ['mount']),
      // OpenZFS 2.3.2 would wait for ever.
      () => zfs.scrub(pool.name),
      () => zfs.scrubSync(pool.name),
      () => zfs.pools.scrub(pool.name),
    ]) {
      const error = await thrown(async () => call())
      assert.instance(error, ReadOnlyPool, `${call} ${error.message}`)
    }
    const several = await thrown<SnapshotFailure>(() => zfs.snapshot([`${name}@y`]))
    assert.instance(several.errors[0], ReadOnlyPool)
  } finally {
    execFileSync('zpool', ['export', pool.name])
    execFileSync('zpool', ['import', '-d', directory, pool.name])
  }
})

test('a full pool says so', async () => {
  const [name, reserve] = [`${pool.name}/full`, `${pool.name}/reserve`]
  // 2 is off, of zio_compress in OpenZFS's sys/fs/zfs.h.
  await zfs.create(name, { props: { compression: 2n } })
  await zfs.mount(name)
  const { available } = (await zfs.get(pool.name, ['available'])).properties
  await zfs.create(reserve, { props: { refreservation: BigInt(available?.value ?? 0) - 8_000_000n } })
  const file = openSync(join(pool.path, 'full', 'file'), 'w')
  try {
    const write = (): void => {
      for (let megabytes = 0; megabytes < 64; megabytes++) writeSync(file, Buffer.alloc(1_048_576, 1))
    }
    assert.is((await thrown<NodeJS.ErrnoException>(write)).code, 'ENOSPC')
    const reserved = await thrown(() => zfs.set(name, { reservation: '1T' }))
    assert.instance(reserved, NoSpace, reserved.message)
    const props = { volsize: 2n ** 30n, refreservation: 2n ** 30n }
    const volume = await thrown(() => zfs.create(`${name}/v`, { type: 'zvol', props }))
    assert.instance(volume, NoSpace, volume.message)
  } finally {
    closeSync(file)
  }
  // What frees space is possible all the same.
  await zfs.unmount(name)
  await zfs.destroy(name)
})

test('where there is no /dev/zfs every call says so', () => {
  const child = join(import.meta.dirname, 'openzfs-child.ts')
  const calls = JSON.stringify([
    ['existsSync', pool.name],
    ['create', `${pool.name}/a`],
    ['list'],
    ['permissions', pool.name],
    ['isSupported', 'scrub'],
  ])
  const dev = 'mount -t tmpfs none /dev && mknod /dev/null c 1 3 && mknod /dev/urandom c 1 9 && exec "$@"'
  // The command waits for a device that udev is about to make.
  const env = { ...process.env, ZFS_MODULE_TIMEOUT: '0' }
  const argv = ['-m', 'sh', '-c', dev, 'sh', process.execPath, child, calls]
  const answers = JSON.parse(execFileSync('unshare', argv, { encoding: 'utf8', env })) as {
    error?: SerialisedError
    answer?: unknown
  }[]
  for (const { error } of answers.slice(0, 4))
    assert.instance(reviveError(error as SerialisedError), ZFSInitializationFailed)
  assert.is(answers[4]?.answer, true)
})

test.run()
