import { PoolBusy, PoolNotFound, SuspendedPool, VdevIdle, ZFSInitializationFailed } from '@gaoler/zfs'
import fc from 'fast-check'
import type { CommandResult, Program } from '../../packages/zfs/src/command/run.ts'
import { create } from '../../packages/zfs/src/pool/create.ts'
import { add, attach, online, onVdev, remove, replace, split } from '../../packages/zfs/src/pool/devices.ts'
import { poolFailure } from '../../packages/zfs/src/pool/failure.ts'
import { importPool } from '../../packages/zfs/src/pool/import.ts'
import { get, list, set } from '../../packages/zfs/src/pool/list.ts'
import { parseStatus, status } from '../../packages/zfs/src/pool/status.ts'
import { scrub, trim } from '../../packages/zfs/src/pool/work.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('zfs/pool-commands')
const there = (): boolean => true

/** The words of every command that a program runs, each answered the same; what it throws is of no interest. */
function wordsOf(program: () => Program<unknown>): string[] {
  const words: string[] = []
  try {
    const started = program()
    for (let step = started.next(); !step.done; ) {
      words.push(...step.value.slice(1))
      step = started.next({ stdout: 'off', stderr: '', exitCode: 0 })
    }
  } catch {}
  return words
}

/** The result of a program whose commands give these answers. */
function play<R>(program: Program<R>, ...answers: Partial<CommandResult>[]): R {
  let step = program.next()
  while (!step.done) step = program.next({ stdout: '', stderr: '', exitCode: 0, ...answers.shift() })
  return step.value
}

const flags = ['-f', '-o', '-O', '-m', '-R', '-N', '-d', '-s', '-e', '-t', '-j', '-p', '-P', '-i', '-H', '-r']

test('whatever is given, no word of a command is an option that was not meant', () => {
  const word = fc.oneof(
    fc.constantFrom('-f', '--force', '-o x=y', '-R/x', '-', 'tank', '/dev/a', 'sda', 'mirror-0', 'log'),
    fc.string(),
    fc.string().map((text) => `-${text}`),
    fc.string().map((text) => `/${text}`),
  )
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      const vdevs = { data: [{ type: 'mirror', devices: [a, b] }, c] } as const
      const options = { vdevs, properties: { [a]: b }, fsProperties: { [c]: a }, mountpoint: b, altroot: c }
      for (const program of [
        () => create(a, options),
        () => create('tank', { ...options, properties: { comment: b }, fsProperties: {} }),
        () => create('tank', { vdevs: { data: [a], cache: [b], spares: [c] }, force: true }),
        () => importPool(a, { directories: [b], devices: [c], newName: c, properties: { [b]: a }, force: true }),
        () => importPool('tank', { newName: b, altroot: c, readonly: true, mount: false }),
        () => add('tank', vdevs, true, there),
        () => attach(a, b, c, { sequential: true }, there),
        () => replace('tank', a, b, {}, there),
        () => remove('tank', [a, b], there),
        () => split('tank', a, { devices: [b], altroot: c, properties: { comment: a } }, there),
        () => online('tank', a, true, there),
        () => onVdev('offline', 'tank', a, ['-t'], there),
        () => get('tank', [a, b], there, { json: true }),
        () => set('tank', { [a]: b, comment: c }, there),
        () => status(a, there, { json: true }),
        () => scrub(a, { command: b as 'start' }, there),
        () => trim('tank', { devices: [a, b], command: 'suspend', rate: 1n }, there),
      ]) {
        const strange = wordsOf(program).filter((each) => each.startsWith('-') && !flags.includes(each))
        assert.equal(strange, [], String(program))
      }
    }),
    { numRuns: 400 },
  )
})

const vdev = (name: string, more = {}) => ({
  name,
  vdev_type: 'disk',
  guid: '18446744073709551615',
  state: 'ONLINE',
  ...more,
})

test('a status is read whole: numbers of 64 bits, a paused scrub, what is the matter', () => {
  const read = parseStatus({
    name: 'tank',
    state: 'DEGRADED',
    pool_guid: '18446744073709551615',
    txg: '9007199254740993',
    error_count: '3',
    msgid: 'ZFS-8000-8A',
    status: 'One or more devices\n\thas experienced an error.\n',
    scan_stats: {
      function: 'SCRUB',
      state: 'SCANNING',
      scrub_pause: '1795281275',
      start_time: '1795281270',
      to_examine: '100',
      examined: '50',
      issued: '25',
      processed: '2',
      errors: '1',
    },
    removal_stats: { state: 'SCANNING', start_time: '1795281270', to_copy: '10', copied: '4' },
    vdevs: {
      tank: vdev('tank', {
        vdevs: {
          'mirror-0': vdev('mirror-0', {
            vdevs: {
              '/dev/a': vdev('/dev/a', { path: '/dev/a', read_errors: '7', trim_state: 'ACTIVE', trimmed: '5' }),
            },
          }),
        },
      }),
    },
    l2cache: { '/dev/b': vdev('/dev/b') },
  })
  assert.equal([read.guid, read.txg, read.errors], [2n ** 64n - 1n, 9_007_199_254_740_993n, 3n])
  assert.equal([read.msgid, read.status], ['ZFS-8000-8A', 'One or more devices has experienced an error.'])
  assert.equal(read.scan, {
    kind: 'scrub',
    state: 'paused',
    examined: 50n,
    issued: 25n,
    total: 100n,
    repaired: 2n,
    errors: 1n,
    start: new Date('2026-11-21T17:14:30Z'),
    end: null,
  })
  assert.equal([read.removal?.state, read.removal?.copied, read.removal?.end], ['running', 4n, null])
  const leaf = read.vdevs.data[0]?.vdevs[0]
  assert.equal([leaf?.path, leaf?.readErrors, leaf?.trim?.state, leaf?.trim?.done], ['/dev/a', 7n, 'active', 5n])
  assert.equal([read.vdevs.cache.length, read.vdevs.spares], [1, []])
})

test('without JSON pools are read from tables, and a status is refused', async () => {
  const stdout = ['health\t-\tONLINE', 'guid\t-\t12', 'comment\tlocal\ta\tb'].map((line) => `tank\t${line}\n`).join('')
  const found = play(list({ properties: ['comment', 'nosuch'] }, { json: false }), { stdout })
  assert.equal(
    found.map(({ name, guid, state, properties }) => [name, guid, state, properties.comment?.text]),
    [['tank', 12n, 'ONLINE', 'a\tb']],
  )
  assert.equal(play(list({}, { json: true }), { stdout: '' }), [], 'no pools')
  const error = await thrown(() => play(status('tank', there, { json: false })))
  assert.is(error.name, 'CallNotSupported')
})

test('without ZFS a list of pools fails as every other call does', async () => {
  const answers = [
    "The ZFS modules cannot be auto-loaded.\nTry running 'modprobe zfs' as root to manually load them.\n",
    "The ZFS modules are not loaded.\nTry running 'modprobe zfs' as root to load them.\n",
    "/dev/zfs and /proc/self/mounts are required.\nTry running 'udevadm trigger' and 'mount -t proc proc /proc' as root.\n",
    'Failed to initialize the libzfs library.\n',
  ]
  for (const stderr of answers) {
    const error = poolFailure(['list'], { stdout: '', stderr, exitCode: 1 }, { name: 'pools', asked: 'list pools' })
    assert.instance(error, ZFSInitializationFailed)
    assert.match(error.message, stderr.split('\n')[0] as string)
  }
})

test('an error is what the kernel says before what the text says', () => {
  const failed = (stderr: string, exists = true) =>
    poolFailure(['x'], { stdout: '', stderr, exitCode: 1 }, { name: 'tank', asked: 'x', exists: () => exists })
  assert.instance(failed('permission denied', false), PoolNotFound)
  assert.instance(failed('cannot scrub tank: currently scrubbing; use zpool scrub -s'), PoolBusy)
  assert.instance(failed('cannot x: pool I/O is currently suspended'), SuspendedPool)
  const idle = failed("cannot trim '/dev/a': there is no active trim")
  assert.instance(idle, VdevIdle)
  assert.is(idle.details.name, '/dev/a')
  const unknown = failed('something new')
  assert.equal(
    [unknown.name, unknown.details.command, unknown.details.stderr],
    ['ZFSCommandFailed', ['zpool', 'x'], 'something new'],
  )
})

test('what a device or a property is refused for has a class, and the name of what is wrong', () => {
  const request = {
    name: 'tank',
    asked: 'x',
    device: '/new',
    vdev: '/old',
    properties: ['ashift', 'comment', 'mountpoint'],
  }
  const cases: [stderr: string, Kind: string, wrong: unknown][] = [
    ['cannot replace /old with /new: no such device in pool', 'VdevNotFound', '/old'],
    ["cannot use '/new': must be a block device or regular file", 'DeviceNameInvalid', '/new'],
    ["cannot create 'tank': one or more vdevs refer to the same device, or one of\n", 'VdevLayoutInvalid', 'tank'],
    ['requested number of dRAID data disks per group 3 is too high,\n', 'VdevLayoutInvalid', 'tank'],
    ['at least one general top-level vdev must be specified', 'VdevLayoutInvalid', 'tank'],
    ["cannot set property for 'tank': comment may only have printable characters", 'PropertyInvalid', 'comment'],
    ["mountpoint '/x' exists and is not empty", 'PropertyInvalid', 'mountpoint'],
  ]
  for (const [stderr, kind, wrong] of cases) {
    const error = poolFailure(['create'], { stdout: '', stderr, exitCode: 1 }, request)
    assert.is(error.name, kind, stderr)
    assert.is(kind === 'PropertyInvalid' ? error.details.property : error.details.name, wrong, stderr)
  }
})

test('what JSON has lost of a text is taken from a table', () => {
  const text = 'a \u{1f389}\nb'
  const source = { type: 'LOCAL', data: '-' }
  const properties = {
    health: { value: 'ONLINE', source: { type: 'NONE' } },
    guid: { value: '1', source: { type: 'NONE' } },
    'a:b': { value: 'a \nb', source },
  }
  const stdout = JSON.stringify({ pools: { tank: { name: 'tank', properties } } })
  const table = `tank\thealth\t-\tONLINE\ntank\tguid\t-\t1\ntank\ta:b\tlocal\t${text}\n`
  const read = play(get('tank', ['a:b'], there, { json: true }), { stdout }, { stdout: table })
  assert.is(read.properties['a:b']?.value, text)
})

test('a draid of which OpenZFS does not tell the type and the state has both', () => {
  const leaf = (state: string) => ({ name: `/${state}`, vdev_type: 'file', state })
  const draid = (...states: string[]) => ({
    name: 'draid1:2d:3c:0s-0',
    vdevs: Object.fromEntries(states.map((state, n) => [String(n), leaf(state)])),
  })
  const states = [
    ['ONLINE', 'ONLINE'],
    ['ONLINE', 'OFFLINE'],
    ['FAULTED', 'OFFLINE'],
  ].map((each) => {
    const vdevs = { tank: { name: 'tank', vdev_type: 'root', vdevs: { 'draid1:2d:3c:0s-0': draid(...each) } } }
    const [top] = parseStatus({ name: 'tank', state: 'ONLINE', vdevs }).vdevs.data
    assert.is(top?.type, 'draid')
    return top?.state
  })
  assert.equal(states, ['ONLINE', 'DEGRADED', 'UNAVAIL'])
})

test.run()
