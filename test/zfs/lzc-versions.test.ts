import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SerialisedError } from '@gaoler/core'
import { encode } from '../../packages/zfs/src/nvlist/index.ts'
import { assert, suite } from '../harness.ts'

const test = suite('zfs/lzc-versions')
const program = join(import.meta.dirname, 'openzfs-child.ts')
const source = join(import.meta.dirname, 'lzc-stub.c')
const guids = (...list: readonly number[]): number =>
  encode(new Map(list.map((guid) => [String(guid), BigInt(guid)]))).length

interface Run {
  readonly answers: readonly { readonly answer?: unknown; readonly error?: SerialisedError }[]
  /** What the library was called with. */
  readonly record: readonly string[]
}

/** Calls on a library that was built for this, in a process of its own. */
function run(directory: string, calls: readonly unknown[][], threads = '4'): Run {
  const record = join(directory, 'record')
  writeFileSync(record, '')
  const env = { ...process.env, LD_LIBRARY_PATH: directory, GAOLER_STUB_RECORD: record, UV_THREADPOOL_SIZE: threads }
  const answers = JSON.parse(
    execFileSync(process.execPath, [program, JSON.stringify(calls)], { env, encoding: 'utf8' }),
  )
  return { answers, record: readFileSync(record, 'utf8').trimEnd().split('\n') }
}

function build(directory: string, ...flags: readonly string[]): void {
  const cc = (library: string, ...more: readonly string[]): void => {
    execFileSync('cc', ['-shared', '-fPIC', '-Wall', '-o', join(directory, `lib${library}.so.3`), ...more, source])
  }
  cc('nvpair', '-DNVPAIR')
  cc('zfs_core', ...flags)
}

const { error: missing } = spawnSync('cc', ['--version'])
if (missing || process.platform !== 'linux') {
  test.skip('older and newer libraries', missing ? 'there is no C compiler (cc)' : 'LD_LIBRARY_PATH is Linux’s')
} else {
  const [old, later] = [mkdtempSync(join(tmpdir(), 'gaoler-')), mkdtempSync(join(tmpdir(), 'gaoler-'))]
  test.before(() => {
    build(old)
    build(later, '-DLATER')
  })
  test.after(() => {
    for (const directory of [old, later]) rmSync(directory, { recursive: true, force: true })
  })

  test('what an older library lacks is said, with the version that has it', () => {
    const { answers } = run(old, [
      ['isSupported', 'initialize'],
      ['isSupported', 'scrub'],
      ['isSupported', 'list'],
      ['isSupported', 'nosuch'],
      ['scrubSync', 'tank'],
      ['getProps', 'tank'],
      ['sendProgress', 'tank@a', 1],
      ['initializeSync', 'tank', 'start', [7], { value: 1 }],
    ])
    assert.equal(
      answers.slice(0, 4).map(({ answer }) => answer),
      [true, false, true, false],
    )
    const messages = answers.slice(4).map(({ error }) => `${error?.name} ${error?.message}`)
    assert.match(messages[0] as string, /^CallNotSupported .*"lzc_scrub"; OpenZFS 2\.2 or newer/)
    assert.match(messages[1] as string, /^CallNotSupported .*"lzc_get_props"; OpenZFS 2\.3 or newer/)
    assert.match(messages[2] as string, /^CallNotSupported .*"lzc_send_progress"; OpenZFS 2\.5 or newer/)
    assert.match(messages[3] as string, /^CallNotSupported .*"lzc_initialize with a value"; OpenZFS 2\.5 or newer/)
  })

  test('lzc_initialize is called as the library has it', () => {
    const calls = [
      ['initializeSync', 'tank', 'cancel', [7, 8]],
      ['initialize', 'tank', 'start', [7]],
    ]
    const before = run(old, calls)
    assert.equal(before.answers, [{ answer: null }, { answer: null }])
    assert.equal(before.record, [`lzc_initialize tank 1 ${guids(7, 8)} 1`, `lzc_initialize tank 0 ${guids(7)} 1`])
    const after = run(later, [...calls, ['initialize', 'tank', 'start', [7], { value: 2 ** 40 }]])
    assert.equal(after.record, [
      `lzc_initialize tank 1 0 0 ${guids(7, 8)} 1`,
      `lzc_initialize tank 0 0 0 ${guids(7)} 1`,
      `lzc_initialize tank 0 ${2 ** 40} 1 ${guids(7)} 1`,
    ])
  })

  test('the progress of a send is asked for where the library has it', () => {
    const { answers, record } = run(later, [
      ['isSupported', 'sendProgress'],
      ['sendProgress', 'tank@a', 5],
    ])
    assert.equal(answers, [{ answer: true }, { answer: { bytes: '5000000000', blocks: '7' } }])
    assert.equal(record, ['lzc_send_progress tank@a 5'])
  })

  test('long calls give C the same in the pool of threads, in their own thread and blocking', () => {
    const calls = [
      ['send', 'tank@a', 5, { from: 'tank#b', flags: ['raw', 'compress'] }],
      ['sendSync', 'tank@a', 5, { from: 'tank#b', flags: ['raw', 'compress'] }],
    ]
    for (const threads of ['4', '1']) {
      const { record, answers } = run(old, calls, threads)
      assert.equal(answers, [{ answer: null }, { answer: null }])
      assert.equal(record, ['lzc_send tank@a tank#b 5 12', 'lzc_send tank@a tank#b 5 12'])
    }
  })

  test('records, keys and results cross into another thread', () => {
    const worker = `
      import { openZfs } from '@gaoler/zfs'
      const record = new Uint8Array(312).fill(9, 311), key = new Uint8Array(32).fill(3, 31)
      const options = { key, origin: 'tank@o', resumable: true, raw: true, props: { a: 'b' }, cmdprops: { a: null } }
      const { bytes, errorFlags } = await openZfs().receiveWithCmdprops('tank/a@x', 5, record, options)
      console.log(JSON.stringify([String(bytes), String(errorFlags), key[31], record[311]]))`
    for (const threads of ['4', '1']) {
      const path = join(old, 'record')
      writeFileSync(path, '')
      const env = { ...process.env, LD_LIBRARY_PATH: old, GAOLER_STUB_RECORD: path, UV_THREADPOOL_SIZE: threads }
      const argv = ['--input-type=module', '-e', worker]
      const answer = JSON.parse(
        execFileSync(process.execPath, argv, { env, encoding: 'utf8', cwd: import.meta.dirname }),
      )
      assert.equal(answer, [String(2n ** 63n), '2', 3, 9])
      const [props, cmdprops] = [encode({ a: 'b' }).length, encode({ a: null }).length]
      const given = `lzc_receive_with_cmdprops tank/a@x ${props} ${cmdprops} 3 32 tank@o 0 1 1 5 9 -1 1`
      assert.is(readFileSync(path, 'utf8').trim(), given)
    }
  })
}

test.run()
