import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { OperationCancelled, reviveError, type SerialisedError } from '@gaoler/core'
import {
  BadHoldCleanupFD,
  CallNotSupported,
  DatasetBusy,
  EncryptionKeyNotLoaded,
  type HoldFailure,
  openZfs,
  PermissionDenied,
  PoolsDiffer,
  SnapshotExists,
  SnapshotFailure,
} from '@gaoler/zfs'
import { hasNoSource } from '../../packages/zfs/src/command/text.ts'
import { bind } from '../../packages/zfs/src/lzc/bind.ts'
import type { InValue, OutValue, Parameter } from '../../packages/zfs/src/lzc/call.ts'
import { propertyNames, propertyRow } from '../../packages/zfs/src/properties/names.ts'
import { assert, collectGarbage, suite, thrown } from '../harness.ts'
import { asNobody } from './nobody.ts'
import { makePool, type Pool } from './pool.ts'

const test = suite('zfs/openzfs-kernel')
const zfs = openZfs()
const child = join(import.meta.dirname, 'openzfs-child.ts')
let pool: Pool
let count = 0
test.before(() => {
  pool = makePool()
})
test.after(() => pool.destroy())

const filesystem = async (): Promise<string> => {
  const name = `${pool.name}/k${++count}`
  await zfs.create(name)
  return name
}

type Output = (out: readonly OutValue[]) => unknown
type Answer = { readonly answer?: unknown; readonly error?: SerialisedError }

test('names are whole whatever state the datasets are in, and whoever asks', async () => {
  const name = await filesystem()
  for (const below of ['mounted', 'mounted/empty', 'mounted/empty/low', 'taken', 'taken/low', 'bare', 'bare/low']) {
    await zfs.create(`${name}/${below}`)
  }
  await zfs.snapshot([`${name}/taken@x`, `${name}/taken/low@x`, `${name}/mounted@x`])
  for (const mounted of [name, `${name}/mounted`, `${name}/mounted/empty`]) await zfs.mount(mounted)
  // What is being received is below its dataset, under a name that nobody sees.
  const stream = execFileSync('zfs', ['send', `${name}/taken@x`])
  const input = stream.subarray(0, stream.length - 312)
  const receive = ['receive', '-s', '-F', `${name}/bare/low`]
  assert.throws(() => execFileSync('zfs', receive, { input, stdio: ['pipe', 'ignore', 'ignore'] }))
  const { properties } = await zfs.get(`${name}/bare/low`, ['receive_resume_token'])
  assert.ok(properties.receive_resume_token.value)
  const shown = execFileSync('zfs', ['list', '-H', '-r', '-o', 'name', name], { encoding: 'utf8' }).trim().split('\n')
  assert.is(shown.length, 8)
  assert.equal(await zfs.names(name), shown)
  const [answer] = asNobody<Answer>([['namesSync', name]])
  assert.equal(answer?.answer, shown)
})

test('what nobody can set is the same from rows, from lines and from lines with names', async () => {
  const name = await filesystem()
  await zfs.create(`${name}/v`, { type: 'zvol', props: { volsize: '1M' } })
  await zfs.snapshot([`${name}@x`, `${name}/v@x`])
  await zfs.bookmark({ [`${name}/v#b`]: `${name}/v@x` })
  await zfs.clone(`${name}/c`, `${name}@x`)
  await zfs.set(name, { 'a:b': 'one\ntwo' })
  const read = propertyNames().filter(hasNoSource)
  for (const types of [['filesystem'], ['snapshot'], ['filesystem', 'volume', 'snapshot', 'bookmark']] as const) {
    const seen = async (...more: string[]): Promise<string> => {
      const all = await zfs.list({ root: name, types, properties: [...read, ...more] })
      const shown = all.map((each) => [
        each.name,
        each.type,
        read.map((property) => [property, each.properties[property]]),
      ])
      return inspect(shown, { depth: 9, maxArrayLength: null })
    }
    const rows = await seen()
    assert.is(await seen('quota'), rows)
    assert.is(await seen('a:b'), rows)
  }
})

test('another user than root may look, and is told when he may not do', async () => {
  const name = await filesystem()
  const calls = [
    ['existsSync', name],
    ['createSync', `${name}/a`],
    ['snapshotSync', [`${name}@x`]],
    ['destroySync', name],
    ['listSync', { root: name, properties: ['used'] }],
    ['setSync', name, { 'a:b': 'c' }],
    ['mountSync', name],
  ]
  const answers = asNobody<Answer>(calls)
  const [exists, create, snapshot, destroy, list, set, mount] = answers
  assert.is(exists?.answer, true)
  assert.is((list as { answer: unknown[] }).answer.length, 1)
  for (const denied of [create, destroy, set, mount]) {
    assert.instance(reviveError(denied?.error as SerialisedError), PermissionDenied)
  }
  const failure = reviveError(snapshot?.error as SerialisedError) as SnapshotFailure
  assert.instance(failure, SnapshotFailure)
  assert.instance(failure.errors[0], PermissionDenied)
})

test('workers have a ZFS of their own, beside this one', async () => {
  const name = await filesystem()
  await zfs.snapshot([`${name}@x`])
  const calls = JSON.stringify([
    ['existsSync', name],
    ['snapshotSync', [`${name}@x`]],
  ])
  const workers = [1, 2].map(() => new Worker(child, { argv: [calls] }))
  const results = await Promise.all(workers.map(async (worker) => ((await once(worker, 'message')) as [Answer[]])[0]))
  for (const [exists, snapshot] of results) {
    assert.is(exists?.answer, true)
    assert.instance((reviveError(snapshot?.error as SerialisedError) as SnapshotFailure).errors[0], SnapshotExists)
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  assert.is(zfs.existsSync(name), true)
})

test(
  'hundreds of calls at once are all made, and files can be read meanwhile',
  async () => {
    const parent = await filesystem()
    const names = Array.from({ length: 300 }, (_, index) => `${parent}/c${index}`)
    const calls = Promise.all(names.map((name) => zfs.create(name)))
    await readFile(import.meta.filename)
    await calls
    assert.is((await zfs.list({ root: parent })).length, 301)
  },
  { timeout: 60_000 },
)

test('two pools in one call are refused', async () => {
  const other = makePool()
  try {
    const name = await filesystem()
    await zfs.snapshot([`${name}@x`])
    const several = await thrown<SnapshotFailure>(() => zfs.snapshot([`${name}@y`, `${other.name}@y`]))
    assert.is(several.errors[0]?.details.name, `${other.name}@y`)
    assert.instance(await thrown(() => zfs.rename(name, `${other.name}/a`)), PoolsDiffer)
    assert.instance(await thrown(() => zfs.clone(`${other.name}/a`, `${name}@x`)), PoolsDiffer)
    const listed = (await zfs.list({ depth: 0 })).map((dataset) => dataset.name)
    assert.ok(listed.includes(other.name) && listed.includes(pool.name), listed.join())
  } finally {
    other.destroy()
  }
})

test('a hold with a descriptor ends with that descriptor', async () => {
  const name = await filesystem()
  await zfs.snapshot([`${name}@x`])
  const device = openSync('/dev/zfs', 'r+')
  await zfs.hold({ [`${name}@x`]: 'while open' }, { cleanupFd: device })
  assert.equal(Object.keys(await zfs.getHolds(`${name}@x`)), ['while open'])
  closeSync(device)
  assert.equal(Object.keys(await zfs.getHolds(`${name}@x`)), [])
  const file = openSync(import.meta.filename, 'r')
  for (const cleanupFd of [file, 9999, -1, 1.5]) {
    const error = await thrown<HoldFailure>(() => zfs.hold({ [`${name}@x`]: 'tag' }, { cleanupFd }))
    assert.instance(error.errors[0], BadHoldCleanupFD)
  }
  closeSync(file)
})

test('a filesystem in use is not unmounted, and says why', async () => {
  const name = await filesystem()
  await zfs.mount(name)
  const cwd = (await zfs.get(name, ['mountpoint'])).properties.mountpoint?.value as string
  const user = spawn('sleep', ['60'], { cwd })
  await once(user, 'spawn')
  assert.instance(await thrown(() => zfs.unmount(name)), DatasetBusy)
  user.kill()
  await once(user, 'exit')
  await zfs.unmount(name)
})

test('a dataset is encrypted with the key given', async () => {
  const name = `${pool.name}/k${++count}`
  // Numbers of zio_encrypt (aes-256-gcm) and zfs_keyformat (raw) of OpenZFS's sys/fs/zfs.h.
  await zfs.create(name, { props: { encryption: 8n, keyformat: 1n, keylocation: 'prompt' }, key: Buffer.alloc(32, 7) })
  const { encryption, keystatus } = (await zfs.get(name, ['encryption', 'keystatus'])).properties
  assert.equal([encryption?.value, keystatus?.value], ['aes-256-gcm', 'available'])
  execFileSync('zfs', ['unload-key', name])
  assert.instance(await thrown(() => zfs.mount(name)), EncryptionKeyNotLoaded)
})

test('a value that is no UTF-8 does not cut off the others', async () => {
  const name = await filesystem()
  await zfs.create(`${name}/child`)
  execFileSync('sh', ['-c', `zfs set a:b="$(printf 'bad\\377byte')" '${name}'`])
  const listed = await zfs.list({ root: name, properties: ['a:b', 'type'] })
  assert.equal(
    listed.map(({ properties }) => properties['a:b']?.value),
    ['bad\ufffdbyte', 'bad\ufffdbyte'],
  )
  assert.is(listed[1]?.properties.type?.value, 'filesystem')
})

test('a cancelled list ends its command', async () => {
  const abort = new AbortController()
  const listing = zfs.list({ properties: ['all'], signal: abort.signal })
  setTimeout(() => abort.abort(new Error('enough')), 5)
  const error = await thrown<OperationCancelled>(() => listing)
  assert.instance(error, OperationCancelled)
  assert.equal(error.details, { operation: `zfs ${error.details.operation.slice(4)}`, reason: 'enough' })
})

test('a listing waits for its reader, and who leaves it ends its command', async () => {
  const parent = await filesystem()
  await Promise.all(Array.from({ length: 100 }, (_, index) => zfs.create(`${parent}/c${index}`)))
  const commands = () =>
    execFileSync('ps', ['-o', 'comm=', '--ppid', String(process.pid)], { encoding: 'utf8' }).match(/^zfs$/gm)?.length ??
    0
  // More than the pipe and the buffers hold.
  const properties = propertyNames().filter((name) => propertyRow(name)?.kind !== 'string' && name !== 'jailed')
  const known = Object.keys((await zfs.get(parent, ['all'])).properties)
  for await (const { name } of zfs.iterate({
    root: parent,
    properties: properties.filter((each) => known.includes(each)),
  })) {
    assert.is(name, parent)
    assert.is(commands(), 1)
    break
  }
  assert.is(commands(), 0)
})

test('names are told to users who may not run channel programs', async () => {
  const name = await filesystem()
  await zfs.create(`${name}/a`)
  const [answer] = asNobody<Answer>([['namesSync', name]])
  assert.equal(answer?.answer, [name, `${name}/a`])
})

test('all properties can be read at once: those that the command shows', async () => {
  const name = await filesystem()
  await zfs.set(name, { 'a:dash': '-', 'a:lines': `x\nquota\tlocal\t7\n`, 'a:party': '\u{1f389}' })
  await zfs.snapshot([`${name}@x`])
  for (const each of [name, `${name}@x`]) {
    const shown = execFileSync('zfs', ['get', '-H', '-o', 'property', 'all', each], { encoding: 'utf8' })
      .trim()
      .split('\n')
    assert.ok(shown.length > 20)
    const { properties } = await zfs.get(each, ['all'])
    assert.equal(Object.keys(properties).sort(), shown.sort())
    const values = ['a:dash', 'a:lines', 'a:party'].map((property) => properties[property]?.value)
    assert.equal(values, ['-', 'x\nquota\tlocal\t7\n', '\u{1f389}'])
  }
})

test('a value that imitates what is printed of others deceives nobody', async () => {
  const name = await filesystem()
  await zfs.create(`${name}/a`)
  const value = `x\nquota\tlocal\t7\nname\t-\t${name}/a\ntype\t-\tfilesystem\ngaoler:b\tlocal\tfalse\ngaoler:0\t-\t-\n`
  await zfs.set(name, { 'gaoler:b': value })
  await zfs.set(`${name}/a`, { 'gaoler:b': 'true' })
  await zfs.snapshot([`${name}/a@x`])
  const types = ['filesystem', 'snapshot'] as const
  const found = await zfs.list({ root: name, types, properties: ['gaoler:b', 'mountpoint', 'quota'] })
  assert.equal(
    found.map((each) => [each.name, each.properties['gaoler:b']?.value, each.properties.quota?.value]),
    [
      [name, value, 0n],
      [`${name}/a`, 'true', 0n],
      [`${name}/a@x`, 'true', null],
    ],
  )
})

test('a call that the table does not have yet works when it is described, whatever its parameters', async () => {
  const name = await filesystem()
  await zfs.snapshot([`${name}@a`])
  await zfs.snapshot([`${name}@b`])
  const described = (symbol: string, parameters: readonly Parameter[], output: Output) =>
    bind({
      symbol,
      since: '2.0',
      privilege: 'any',
      parameters,
      asked: () => symbol,
      input: (...args) => args as InValue[],
      output: (out) => output(out),
    })
  const space = described('lzc_snaprange_space', ['text', 'text', 'outU64'], ([bytes]) => bytes)
  assert.is(typeof (await space.async(`${name}@a`, `${name}@b`)), 'bigint')
  assert.is(space.sync(`${name}@a`, `${name}@b`), await space.async(`${name}@a`, `${name}@b`))
  // Activity 0 is the deletion queue, which is empty: nothing was waited for.
  const wait = described('lzc_wait_fs', ['text', 'int', 'outBoolean'], ([waited]) => waited)
  await zfs.mount(name)
  assert.is(await wait.async(name, 0), false)
  const sync = described('lzc_sync', ['text', 'list', 'outList'], ([list]) => list)
  assert.is(await sync.async(pool.name, { force: true }), undefined)
  assert.is(sync.sync(pool.name, { force: false }), undefined)
  const missing = described('lzc_no_such_call', ['u64', 'boolean', 'bytes', 'uint'], () => undefined)
  const error = await thrown<CallNotSupported>(() => missing.async(1n, true, null, 0))
  assert.instance(error, CallNotSupported)
  assert.match(error.message, /does not know "lzc_no_such_call"; OpenZFS 2.0 or newer/)
})

test(
  'thousands of lists in and out leave no memory behind',
  async () => {
    const name = await filesystem()
    await zfs.snapshot([`${name}@x`])
    const tag = (index: number): string => `tag ${index} ${'x'.repeat(200)}`
    for (let index = 0; index < 20; index++) zfs.holdSync({ [`${name}@x`]: tag(index) })
    const round = (): number => {
      for (let call = 0; call < 5000; call++) {
        zfs.getHoldsSync(`${name}@x`)
        // Fails, so that the list of errors is read as well.
        if (call % 10 === 0) assert.throws(() => zfs.holdSync({ [`${name}@x`]: tag(0) }), /has a hold of this tag/)
      }
      collectGarbage()
      return process.memoryUsage.rss()
    }
    const sizes = Array.from({ length: 4 }, round)
    // A leak of the lists alone would be more than 25 MB in every round; the heap may grow in one or the other.
    const grown = Math.min(...sizes.slice(1).map((size, index) => size - (sizes[index] as number)))
    assert.ok(grown < 12_000_000, `at least ${grown} bytes more in each round`)
  },
  { timeout: 120_000 },
)

test.run()
