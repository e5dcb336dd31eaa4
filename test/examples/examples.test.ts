import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { execa } from 'execa'
import { assert, suite } from '../harness.ts'

const test = suite('examples')
const folder = resolve(import.meta.dirname, '../../examples')

/** What each example must have printed; an example that is not here fails. */
const expected: Record<string, RegExp[]> = {
  'for-await': [/^JailStart@web: pending$/m, /the kernel calls it \d+/, /^Hello/m],
  'sync-script': [/a jail with a random UUID/, /JailAttach@.*: done/, /running: true/, /gone: true/],
  rxjs: [/'JailAttach done'/, /'JailStart done'/],
  emitter: [/attach is pending\n.*attach is done/s, /running as \d+/],
  replicate: [
    /received tank\/www@monday: true/,
    /sent bytes true/,
    /tuesday has arrived/,
    /the copy exists: true/,
    /mismatch: true ZFS_STREAM_MISMATCH/,
    /foreign: true/,
  ],
  pools: [
    /^tank ONLINE of the web team true bigint$/m,
    /directory ONLINE errors: 0n/,
    /ZFS_POOL_EXISTS tank/,
    /scrub: false/,
  ],
  cancel: [/undo JailAttach@web: done/, /everything was undone: true - the jail runs: false/],
}

const names = globSync('*.ts', { cwd: folder }).map((file) => file.replace(/\.ts$/, ''))
for (const name of names.filter((each) => each !== 'run' && each !== 'demo').sort()) {
  test(`${name} runs and prints what it promises`, async () => {
    const { stdout, stderr } = await execa(process.execPath, ['run.ts', name], { cwd: folder })
    assert.is(stderr, '')
    for (const line of expected[name] ?? [/^an expectation for this example$/]) assert.match(stdout, line)
  })
}

test('an unknown example is refused with the names of those that exist', async () => {
  const { exitCode, stderr } = await execa(process.execPath, ['run.ts', '../x'], { cwd: folder, reject: false })
  assert.is(exitCode, 2)
  assert.match(stderr, 'for-await')
})

test.run()
