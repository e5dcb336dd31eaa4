import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { collect, drain } from '@gaoler/core'
import {
  HostGenerator,
  JailAlreadyExists,
  JailDoesNotExist,
  JailGenerator,
  JournalDamaged,
  RecoveryNeeded,
} from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { type Job, Killer } from './kills.ts'
import { verbs } from './verbs.ts'

const test = suite('jail/recovery')
let world: JailWorld
let host: HostGenerator
let killer: Killer

test.before(async () => {
  world = await embeddedWorld()
  host = HostGenerator.open(world.host.options)
  killer = new Killer()
})
test.after(async () => {
  killer.close()
  await world.close()
})

const kill = (verb: string, at: Pick<Job, 'kill' | 'after'>): Promise<boolean> =>
  killer.run({ options: host.options, release: world.release, verb, jail: 'web', ...at })
const journals = (): string[] => readdirSync(host.journalDirectory).map((name) => join(host.journalDirectory, name))
const onlyJournal = (): string => {
  assert.is(journals().length, 1)
  return journals()[0] as string
}

test('a verb on a jail that a dead process has left half-made recovers first, and says so', async () => {
  const before = await world.snapshot()
  assert.ok(await kill('create', { kill: 3, after: true }))
  assert.is.not(await world.snapshot(), before)
  const jail = new JailGenerator('web', { host })
  assert.instance(await thrown(() => jail.lock('test')), RecoveryNeeded)
  const events = await collect(jail.create(world.release))
  const recovered = events.filter(({ type, state }) => type === 'OperationRecover' && state === 'done')
  assert.equal(
    recovered.map(({ payload }) => (payload as { operation?: string }).operation),
    ['JailCreate'],
  )
  assert.equal(journals(), [])
  await drain(jail.destroy())
  assert.is(await world.snapshot(), before)
})

test('what a living process works on is left alone', async () => {
  const jail = new JailGenerator('web', { host })
  const operation = jail.create(world.release)
  for await (const event of operation) {
    if (event.type === 'ZFSSnapshotClone' && event.state === 'done') break
    if (event.type === 'ZFSSnapshotClone' && event.state === 'pending') {
      const [step] = (await collect(host.recover())).filter(
        ({ type, state }) => type === 'OperationRecover' && state === 'skipped',
      )
      assert.is(step?.message, 'its process is alive')
      assert.ok(jail.exists)
    }
  }
  assert.not.ok(jail.exists)
  assert.equal(journals(), [])
})

test('a verb on the old name of a jail whose renaming was killed finds the jail, because it recovers first', async () => {
  const jail = new JailGenerator('web', { host })
  await drain(jail.create(world.release))
  assert.ok(await kill('rename', { kill: 1, after: true }))
  assert.not.ok(jail.exists)
  await drain(jail.set({ 'user.note': 'found' }))
  assert.is(new JailGenerator('web', { host }).config.get('user.note'), 'found')
  await drain(jail.destroy())
})

test('a jail that is destroyed between the asking and the lock does not exist, for whoever comes second', async () => {
  const jail = new JailGenerator('web', { host })
  await drain(jail.create(world.release))
  const second = new JailGenerator('web', { host })
  // In that moment the first has ended.
  const lock = second.host.lock.bind(second.host)
  for (const verb of [() => second.start(), () => second.set({ priority: 7 }), () => second.snapshots.create('s')]) {
    if (!jail.exists) await drain(jail.create(world.release))
    Object.defineProperty(second.host, 'lock', {
      configurable: true,
      value: (...args: Parameters<typeof lock>) => {
        for (const name of [second.rootDatasetName, second.datasetName]) {
          host.zfs.unmountSync(name)
          host.zfs.destroySync(name)
        }
        return lock(...args)
      },
    })
    const error = await thrown(() => drain<unknown>(verb()))
    Reflect.deleteProperty(second.host, 'lock')
    assert.instance(error, JailDoesNotExist)
  }
})

test('a recovery that is only planned tells what it would do, and does nothing', async () => {
  assert.ok(await kill('create', { kill: 4, after: true }))
  const before = await world.snapshot()
  const events = await collect(host.recover({ plan: true }))
  assert.equal(
    events.flatMap(({ payload }) => (payload as { effect?: { name: string } }).effect?.name ?? []),
    ['destroyDataset', 'destroyDataset'],
  )
  assert.is(await world.snapshot(), before)
  assert.is(journals().length, 1)
  await drain(host.recover())
})

test('what a stranger has made under the same name meanwhile stays', async () => {
  assert.ok(await kill('create', { kill: 2, after: false }))
  const name = `${host.datasets.main.jails}/web`
  await host.zfs.create(name)
  await drain(host.recover())
  assert.ok(await host.zfs.exists(name))
  assert.instance(
    await thrown(() => drain(new JailGenerator('web', { host }).create(world.release))),
    JailAlreadyExists,
  )
  await host.zfs.destroy(name)
})

test('a file that others have changed since is not taken back', async () => {
  const jail = new JailGenerator('web', { host })
  await verbs.start?.ready(jail, world)
  const resolver = `${jail.rootPath}/etc/resolv.conf`
  assert.ok(await kill('start', { kill: 1, after: true }))
  writeFileSync(resolver, 'nameserver 203.0.113.1\n')
  await drain(host.recover())
  assert.is(readFileSync(resolver, 'utf8'), 'nameserver 203.0.113.1\n')
  await drain(jail.destroy())
})

test("the half of a file that a death in writing has left is taken away, and nobody else's", async () => {
  const jail = new JailGenerator('web', { host })
  await verbs.start?.ready(jail, world)
  assert.ok(await kill('start', { kill: 1, after: false }))
  const [, { mark }] = readFileSync(onlyJournal(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line)) as [object, { mark: string }]
  const [half, other] = [mark, 'other'].map((name) => join(jail.rootPath, 'etc', `.${name}.new`)) as [string, string]
  writeFileSync(half, 'half')
  writeFileSync(other, 'whole')
  await drain(host.recover())
  assert.equal([existsSync(half), existsSync(other)], [false, true])
  await drain(jail.destroy())
})

test('a file that is written back keeps the mode that it had, and a property that others have set since stays', async () => {
  const jail = new JailGenerator('web', { host })
  await drain(jail.create(world.release))
  chmodSync(jail.configFile, 0o640)
  const { zfs } = host
  const name = jail.datasetName
  const property = 'org.example:note'
  await thrown(() =>
    drain(
      host.operation('JailConfigWrite', async (s) => {
        const previous = readFileSync(jail.configFile, 'utf8')
        await s.host.writeFile({ path: jail.configFile, content: '{}', previous, mode: 0o600 })
        await s.host.setProperty({ name, property, value: 'ours', previous: null })
        await zfs.set(name, { [property]: 'theirs' })
        throw new Error('enough')
      }),
    ),
  )
  assert.is(statSync(jail.configFile).mode & 0o777, 0o640)
  assert.is(zfs.getSync(name, [property]).properties[property]?.value, 'theirs')
  await drain(jail.destroy())
})

test('a mount that is to come back is not made twice, nor in a jail that is gone', async () => {
  const jail = new JailGenerator('web', { host })
  await drain(jail.create(world.release))
  await drain(jail.start())
  await drain(jail.fstab.addLine({ source: jail.path, destination: '/mnt' }))
  const running = await world.snapshot()
  const verb = 'remove from the fstab while it runs'
  assert.ok(await kill(verb, { kill: 1, after: false }))
  await drain(host.recover())
  assert.is(await world.snapshot(), running)
  assert.ok(await kill(verb, { kill: 1, after: true }))
  await host.platform.effects.removeJail.run({ name: jail.identifier }, { signal: AbortSignal.any([]) } as never)
  await drain(host.recover())
  assert.ok(jail.stopped)
  assert.is(jail.fstab.read().length, 1)
  await drain(jail.destroy())
})

test('a journal is read up to where the crash has cut it, and goes on being one', async () => {
  const before = await world.snapshot()
  assert.ok(await kill('create', { kill: 4, after: true }))
  appendFileSync(onlyJournal(), '{"mark":"cut off in the midd')
  assert.ok(await kill('recover', { kill: 1, after: true }))
  await drain(host.recover())
  assert.is(await world.snapshot(), before)
  assert.equal(journals(), [])
})

test('a journal that is not ours, or says what is none of our effects, is refused by name, and the rest is recovered', async () => {
  const before = await world.snapshot()
  assert.ok(await kill('create', { kill: 4, after: true }))
  const good = readFileSync(onlyJournal(), 'utf8')
  const [head, ...intents] = good.trimEnd().split('\n') as [string, ...string[]]
  const intent = JSON.parse(intents[0] as string)
  const bad: Record<string, string> = {
    'not json': `${head}\nnot json\n`,
    'another version': good.replace('"gaoler":1', '"gaoler":2'),
    'no such effect': `${head}\n${JSON.stringify({ ...intent, effect: 'constructor' })}\n`,
    'no such inverse': `${head}\n${JSON.stringify({ ...intent, inverse: ['toString', {}] })}\n`,
    'arguments that are none': `${head}\n${JSON.stringify({ ...intent, inverse: ['destroyDataset', null] })}\n`,
    'locks that are none': `${head}\n${JSON.stringify({ ...intent, locks: [1] })}\n`,
    'a completion that is none': `${head}\n${JSON.stringify({ ...intent, inverse: null, completion: { verb: 1 } })}\n`,
    'an unknown verb': `${head}\n${JSON.stringify({ ...intent, inverse: null, completion: { verb: 'toString', args: {} } })}\n`,
  }
  for (const [what, text] of Object.entries(bad)) {
    const path = join(host.journalDirectory, '0-hostile.journal')
    writeFileSync(path, text, { mode: 0o600 })
    const error = await thrown<Error>(() => drain(host.recover()))
    if (what !== 'an unknown verb') assert.instance(error, JournalDamaged, what)
    assert.ok(existsSync(path), what)
    assert.is(journals().length, 1, `${what}: the good one is recovered`)
    if (what === 'not json') assert.is(await world.snapshot(), before)
    const lock = (): void => new JailGenerator('web', { host }).lock('test')[Symbol.dispose]()
    // What says nothing of the jail blocks nobody; what does say that it is half-done keeps everybody away from it.
    if (['not json', 'another version', 'locks that are none'].includes(what)) lock()
    else if (what.startsWith('no such')) assert.instance(await thrown(lock), RecoveryNeeded, what)
    chmodSync(path, 0o644)
    assert.instance(await thrown(() => drain(host.recover())), JournalDamaged, `${what}, readable by all`)
    chmodSync(path, 0o600)
    rmSync(path)
  }
  symlinkSync('/etc/passwd', join(host.journalDirectory, '1-link.journal'))
  assert.instance(await thrown(() => drain(host.recover())), JournalDamaged)
  rmSync(join(host.journalDirectory, '1-link.journal'))
})

test('a journal holds no environment of commands, and only its owner can read it', async () => {
  const jail = new JailGenerator('web', { host })
  await verbs.start?.ready(jail, world)
  let looked = 0
  for await (const event of jail.start({ env: { TOKEN: 'hidden' } })) {
    for (const path of journals()) {
      looked++
      assert.not.match(readFileSync(path, 'utf8'), /hidden/, `${event}`)
      assert.is(statSync(path).mode & 0o777, 0o600)
    }
  }
  assert.ok(looked > 5)
  assert.equal(journals(), [])
  await drain(jail.destroy({ forceStop: true }))
})

test.run()
