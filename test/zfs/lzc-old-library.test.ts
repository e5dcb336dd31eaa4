import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SerialisedError } from '@gaoler/core'
import { signatures } from '../../packages/zfs/src/libzfs/library.ts'
import { table } from '../../packages/zfs/src/lzc/table.ts'
import { assert, suite } from '../harness.ts'
import { oldLibrary, unfitForOldLibrary } from './old-library.ts'

const test = suite('zfs/lzc-old-library')
const program = join(import.meta.dirname, 'openzfs-child.ts')
const badInput = join(import.meta.dirname, 'bad-input-child.ts')

const unfit = unfitForOldLibrary()
if (unfit !== undefined) test.skip('OpenZFS 2.1.11', unfit)
else {
  let env: NodeJS.ProcessEnv
  test.before(async () => {
    env = { ...process.env, LD_LIBRARY_PATH: await oldLibrary() }
  })

  test('a library of 2.1.11 has what the table says of its time, and says of the rest which version has it', () => {
    const calls = Object.keys(table) as (keyof typeof table)[]
    const asked = [
      ...calls.map((call) => ['isSupported', call]),
      ['isSupported', 'zone'],
      ['scrubSync', 'tank'],
      ['getProps', 'tank'],
      ['receiveWithHeal', 'tank/a@x', 0, {}],
      ['exists', 'tank'],
    ]
    const stdout = execFileSync(process.execPath, [program, JSON.stringify(asked)], { env, encoding: 'utf8' })
    const answers = JSON.parse(stdout) as { answer?: unknown; error?: SerialisedError }[]
    const wrong = calls.filter((call, index) => answers[index]?.answer !== table[call].since <= '2.1')
    assert.equal(wrong, [])
    const [zone, scrub, getProps, heal, exists] = answers.slice(calls.length)
    assert.is(zone?.answer, false)
    assert.match(
      `${scrub?.error?.name} ${scrub?.error?.message}`,
      /^CallNotSupported .*"lzc_scrub"; OpenZFS 2\.2 or newer/,
    )
    assert.match(`${getProps?.error?.name} ${getProps?.error?.message}`, /^CallNotSupported .*OpenZFS 2\.3 or newer/)
    assert.is(heal?.error?.name, 'ArgumentInvalid')
    if (!existsSync('/dev/zfs')) assert.is(exists?.error?.name, 'ZFSInitializationFailed')
  })

  test('its libzfs has what is called of libzfs', () => {
    const names = JSON.stringify(Object.keys(signatures))
    const script = `const old = require('koffi').load('libzfs.so.4')
      console.log(JSON.stringify(${names}.map((name) => { try { return Boolean(old.symbol(name)) } catch { return name } })))`
    const found = execFileSync(process.execPath, ['-e', script], { env, cwd: import.meta.dirname, encoding: 'utf8' })
    assert.equal(
      JSON.parse(found),
      Object.keys(signatures).map(() => true),
    )
  })

  test('nothing bad ends a process with that library either', () => {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [badInput], { env, encoding: 'utf8' })
    assert.equal([status, signal], [0, null], stderr)
    assert.equal(JSON.parse(stdout).problems.slice(0, 20), [])
  })
}

test.run()
