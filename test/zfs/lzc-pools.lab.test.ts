import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { reviveError, type SerialisedError } from '@gaoler/core'
import {
  ArgumentInvalid,
  CallNotSupported,
  CheckpointExists,
  CheckpointNotFound,
  EncryptionKeyAlreadyLoaded,
  EncryptionKeyInvalid,
  EncryptionKeyNotLoaded,
  FilesystemNotFound,
  type InitializeFailure,
  openZfs,
  PermissionDenied,
  PoolBusy,
  PoolNotFound,
  PropertyInvalid,
  ScanNotRunning,
  type TrimFailure,
  VdevBusy,
  VdevNotFound,
  VdevNotSupported,
  type ZCPError,
  ZCPLimitInvalid,
  ZCPPermissionError,
  ZCPRuntimeError,
  ZCPSpaceError,
  ZCPSyntaxError,
  ZCPTimeout,
} from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { asNobody } from './nobody.ts'
import { makePool, type Pool } from './pool.ts'

const test = suite('zfs/lzc-pools')
const zfs = openZfs()
let pool: Pool
let leaf: bigint
test.before(() => {
  pool = makePool()
  const status = execFileSync('zpool', ['status', '-g', pool.name], { encoding: 'utf8' })
  leaf = BigInt(/^\s+(\d{6,})\s+ONLINE/m.exec(status)?.[1] as string)
})
test.after(() => pool.destroy())

test('a pool is synced, reopened and described', async () => {
  await zfs.sync(pool.name, { force: true })
  await zfs.reopen(pool.name)
  zfs.reopenSync(pool.name, { restart: false })
  const size = (await zfs.getProps(pool.name)).get('size') as Map<string, bigint>
  assert.ok((size.get('value') as bigint) > 200_000_000n)
  for (const call of [
    () => zfs.sync('nosuch'),
    () => zfs.reopen('nosuch'),
    () => zfs.getProps('nosuch'),
    () => zfs.poolCheckpoint('nosuch'),
    () => zfs.scrub('nosuch'),
    () => zfs.wait('nosuch', 'scrub'),
    () => zfs.getBootenv('nosuch'),
    () => zfs.ddtPrune('nosuch', 'age', 1),
    () => zfs.channelProgram('nosuch', 'return 1'),
    () => zfs.getVdevProp('nosuch', leaf),
  ]) {
    assert.instance(await thrown(call), PoolNotFound, call.toString())
  }
})

test('a checkpoint is made once and discarded', async () => {
  assert.instance(await thrown(() => zfs.poolCheckpointDiscard(pool.name)), CheckpointNotFound)
  await zfs.poolCheckpoint(pool.name)
  assert.instance(await thrown(() => zfs.poolCheckpoint(pool.name)), CheckpointExists)
  await zfs.poolCheckpointDiscard(pool.name)
  assert.type(await zfs.wait(pool.name, 'checkpoint_discard'), 'boolean')
  assert.instance(await thrown(() => zfs.poolCheckpointDiscard(pool.name)), CheckpointNotFound)
})

test('devices are initialised, and each that is not is named', async () => {
  await zfs.initialize(pool.name, 'start', [])
  await zfs.initialize(pool.name, 'start', [leaf])
  const again = await thrown<InitializeFailure>(() => zfs.initialize(pool.name, 'start', [5n, leaf]))
  assert.equal(
    again.errors.map((error) => [error.constructor, error.details.name]),
    [
      [VdevNotFound, '5'],
      [VdevBusy, String(leaf)],
    ],
  )
  assert.type(await zfs.waitTag(pool.name, 'initialize', leaf), 'boolean')
  assert.is(zfs.waitSync(pool.name, 'initialize'), false)
  // Its thread in the kernel ends a moment after the wait does.
  for (let left = 50; ; left--) {
    const busy = await zfs.initialize(pool.name, 'uninit', [leaf]).catch((error: InitializeFailure) => error)
    if (busy === undefined) break
    assert.instance(busy.errors[0], VdevBusy)
    assert.ok(left > 0, 'still busy')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.instance(await thrown(() => zfs.initialize(pool.name, 'start', [leaf], { value: 1n })), CallNotSupported)
  assert.instance(await thrown(() => zfs.waitTag(pool.name, 'trim', 5n)), ArgumentInvalid)
})

test('devices are trimmed, suspended and gone on with', async () => {
  await zfs.trim(pool.name, 'start', [leaf], { rate: 1000n })
  await zfs.trim(pool.name, 'suspend', [leaf])
  // Without a rate it would go on at the first one, which takes hours where anything is left to do.
  zfs.trimSync(pool.name, 'start', [leaf], { rate: 1_000_000_000_000n })
  await zfs.wait(pool.name, 'trim')
  const secure = await thrown<TrimFailure>(() => zfs.trim(pool.name, 'start', [leaf], { secure: true }))
  assert.instance(secure.errors[0], VdevNotSupported)
})

test('properties of a device are set and read', async () => {
  await zfs.setVdevProp(pool.name, leaf, { 'org.gaoler:why': 'a test', checksum_n: 5n })
  const props = await zfs.getVdevProp(pool.name, leaf, ['guid', 'org.gaoler:why', 'checksum_n'])
  const value = (name: string): unknown => (props.get(name) as Map<string, unknown>).get('value')
  assert.equal([value('guid'), value('org.gaoler:why'), value('checksum_n')], [leaf, 'a test', 5n])
  for (const bad of [{ nosuch: 1n }, { size: 5n }]) {
    assert.instance(await thrown(() => zfs.setVdevProp(pool.name, leaf, bad)), PropertyInvalid)
  }
  assert.instance(await thrown(() => zfs.getVdevProp(pool.name, 5n)), VdevNotFound)
  assert.instance(await thrown(() => zfs.setVdevProp(pool.name, 5n, { 'a:b': 'c' })), VdevNotFound)
})

test('a scrub is started once, waited for, and ended only while it runs', async () => {
  // So small a pool may be scrubbed before the next call; the kernel has a switch that holds the scan where it is.
  const hold = (on: '0' | '1'): void => writeFileSync('/sys/module/zfs/parameters/zfs_scan_suspend_progress', on)
  hold('1')
  try {
    await zfs.scrub(pool.name)
    assert.instance(await thrown(() => zfs.scrubSync(pool.name)), PoolBusy)
  } finally {
    hold('0')
  }
  await zfs.wait(pool.name, 'scrub')
  assert.instance(await thrown(() => zfs.scrub(pool.name, { type: 'none' })), ScanNotRunning)
  assert.instance(await thrown(() => zfs.scrub(pool.name, { command: 'pause' })), ScanNotRunning)
})

test('tables are prefetched and pruned', async () => {
  await zfs.poolPrefetch(pool.name, 'ddt')
  await zfs.ddtPrune(pool.name, 'percentage', 50)
  await zfs.ddtPrune(pool.name, 'age', 3600n)
})

test('the boot environment is set and read', async () => {
  await zfs.setBootenv(pool.name, { version: 1n, 'freebsd:bootonce': 'zfs:tank/a:' })
  assert.is((await zfs.getBootenv(pool.name)).get('freebsd:bootonce'), 'zfs:tank/a:')
  assert.instance(await thrown(() => zfs.setBootenv(pool.name, { version: 9n })), PropertyInvalid)
})

test('nothing is waited for where nothing goes on', async () => {
  await zfs.create(`${pool.name}/quiet`)
  assert.is(await zfs.waitFs(`${pool.name}/quiet`, 'deleteq'), false)
  assert.is(await zfs.wait(pool.name, 'raidz_expand'), false)
  assert.instance(await thrown(() => zfs.waitFs(`${pool.name}/nosuch`, 'deleteq')), FilesystemNotFound)
})

test('a channel program gets its arguments and returns what Lua does', async () => {
  const run = zfs.channelProgramNosync
  const params = { a: -1n, b: 'x', c: true, d: ['a', 'b'], e: [1, 2n], f: { g: 3 } }
  const argv = (await run(pool.name, 'local given = ... return given["argv"]', { params })) as Map<string, unknown>
  assert.equal([argv.get('a'), argv.get('b'), argv.get('c')], [-1n, 'x', true])
  assert.equal([...(argv.get('e') as Map<string, bigint>)], [
    ['1', 1n],
    ['2', 2n],
  ]) // biome-ignore format: one thought
  assert.is(await run(pool.name, ''), undefined)
  assert.is(zfs.channelProgramSync(pool.name, 'return "done"'), 'done')
})

test('a channel program changes several datasets as one', async () => {
  await zfs.create(`${pool.name}/program`)
  const program = 'for _, name in ipairs((...)["argv"]) do zfs.sync.snapshot(name) end'
  await zfs.channelProgram(pool.name, program, { params: [`${pool.name}/program@a`] })
  assert.is(await zfs.exists(`${pool.name}/program@a`), true)
  assert.instance(
    await thrown(() => zfs.channelProgramNosync(pool.name, program, { params: ['x@y'] })),
    ZCPRuntimeError,
  )
})

test('a channel program that fails says what Lua said', async () => {
  const failed = (source: string, options = {}): Promise<ZCPError> =>
    thrown<ZCPError>(() => zfs.channelProgram(pool.name, source, options))
  const syntax = await failed('this is no Lua')
  assert.instance(syntax, ZCPSyntaxError)
  assert.match(syntax.details.message as string, /syntax error near 'is'/)
  const runtime = await failed('error("oh no")')
  assert.instance(runtime, ZCPRuntimeError)
  assert.match(runtime.details.message as string, /oh no/)
  assert.instance(await failed('while true do end', { instructionLimit: 1000 }), ZCPTimeout)
  const memory = 'local t = {} for i = 1, 1000000 do t[i] = "a long enough text " .. i end'
  assert.instance(await failed(memory, { memoryLimit: 100_000 }), ZCPSpaceError)
  assert.instance(await failed('return 1', { instructionLimit: 2n ** 62n }), ZCPLimitInvalid)
  assert.instance(await failed('return 1', { memoryLimit: 2 ** 30 }), ZCPLimitInvalid)
})

test('keys are checked, loaded, unloaded and changed', async () => {
  const [name, key, other] = [`${pool.name}/keys`, Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  // Numbers of zio_encrypt (aes-256-gcm) and zfs_keyformat (raw) of OpenZFS's sys/fs/zfs.h.
  await zfs.create(name, { props: { encryption: 8n, keyformat: 1n, keylocation: 'prompt' }, key })
  await zfs.create(`${name}/child`)
  assert.instance(await thrown(() => zfs.loadKey(name, key)), EncryptionKeyAlreadyLoaded)
  await zfs.loadKey(name, key, { noop: true })
  assert.instance(await thrown(() => zfs.loadKey(name, other, { noop: true })), EncryptionKeyInvalid)
  await zfs.unloadKey(name)
  assert.instance(await thrown(() => zfs.unloadKey(name)), EncryptionKeyNotLoaded)
  assert.instance(await thrown(() => zfs.loadKey(name, other)), EncryptionKeyInvalid)
  const change = (): Promise<void> => zfs.changeKey(name, 'new_key', { key: other, props: { keyformat: 1n } })
  assert.instance(await thrown(change), EncryptionKeyNotLoaded)
  zfs.loadKeySync(name, key)
  // Its bytes are the caller's own: they are as they were.
  assert.ok(key.every((byte) => byte === 1))
  await change()
  await zfs.unloadKey(name)
  await zfs.loadKey(name, other)
  await zfs.changeKey(`${name}/child`, 'new_key', { key, props: { keyformat: 1n, keylocation: 'prompt' } })
  assert.is((await zfs.get(`${name}/child`, ['encryptionroot'])).properties.encryptionroot?.value, `${name}/child`)
  await zfs.changeKey(`${name}/child`, 'inherit')
  assert.is((await zfs.get(`${name}/child`, ['encryptionroot'])).properties.encryptionroot?.value, name)
  assert.instance(await thrown(() => zfs.changeKey(name, 'inherit')), PropertyInvalid)
  assert.instance(await thrown(() => zfs.unloadKey(`${name}/nosuch`)), FilesystemNotFound)
})

test('another user than root may wait and look, and is told when he may not do', async () => {
  await zfs.create(`${pool.name}/denied`)
  await zfs.snapshot([`${pool.name}/denied@x`])
  const calls = [
    ['waitSync', pool.name, 'scrub'],
    ['syncSync', pool.name],
    ['rollbackSync', `${pool.name}/denied`],
    ['sendSync', `${pool.name}/denied@x`, 1],
    ['receiveSync', `${pool.name}/other@x`, 0],
    ['poolCheckpointSync', pool.name],
    ['scrubSync', pool.name],
    ['unloadKeySync', `${pool.name}/denied`],
    ['channelProgramSync', pool.name, 'return 1'],
  ]
  const stream = execFileSync('zfs', ['send', `${pool.name}/denied@x`])
  const answers = asNobody<{ answer?: unknown; error?: SerialisedError }>(calls, stream)
  assert.equal([answers[0]?.answer, answers[1]?.answer], [false, null])
  const errors = answers.slice(2).map(({ error }) => reviveError(error as SerialisedError))
  const program = errors.pop()
  assert.instance(program, ZCPPermissionError)
  for (const [index, error] of errors.entries()) assert.instance(error, PermissionDenied, String(calls[index + 2]?.[0]))
})

test.run()
