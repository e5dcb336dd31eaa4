import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { assert, suite } from '../harness.ts'

const test = suite('cli/ioc')
const bin = resolve(import.meta.dirname, '../../packages/cli/src/bin.ts')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-ioc-'))
const where = ['--platform', 'embedded', '--directory', join(directory, 'host')]
const ioc = ([verb = '', ...argv]: string[], options = {}) =>
  execa(process.execPath, [bin, verb, ...where, ...argv], { reject: false, ...options })
let release: string

test.before(async () => {
  const small = await makeSmallRelease(join(directory, 'mirror'))
  release = small.name
  assert.is((await ioc(['fetch', '--mirror', small.mirror, release])).exitCode, 0)
})
test.after(() => rmSync(directory, { recursive: true, force: true }))

/** Each test starts several programs. */
const timeout = 60_000

test(
  'a jail is created, listed, started, used, stopped and destroyed',
  async () => {
    assert.is((await ioc(['create', '-r', release, 'web', 'host_hostname=front'])).exitCode, 0)
    assert.match((await ioc(['list'])).stdout, /^-\s+web\s+no\s+14\.3-RELEASE$/m)
    const started = await ioc(['start', 'web'])
    assert.match(started.stdout, /^✔ JailStart@web/m)
    assert.equal(JSON.parse((await ioc(['list', '--json'])).stdout)[0].running, true)
    const { stdout, stderr, exitCode } = await ioc([
      'exec',
      'web',
      '--',
      '/bin/sh',
      '-c',
      'echo out; echo err >&2; exit 9',
    ])
    assert.equal(
      [stdout, stderr, exitCode],
      ['out', 'err', 9],
      'the output and status of the program, and nothing else',
    )
    assert.is((await ioc(['stop', 'web'])).exitCode, 0)
    assert.is((await ioc(['destroy', 'web'])).exitCode, 0)
    assert.match((await ioc(['list'])).stdout, /^JID\s+FULL_NAME\s+RUNNING\s+RELEASE$/)
  },
  { timeout },
)

test(
  'errors are one line that names the thing, on stderr, with exit code 1 and no stack trace',
  async () => {
    const cases: [argv: string[], message: RegExp][] = [
      [['start', 'ghost'], /^ioc: jail ghost does not exist .*ioc list$/m],
      [['create', '-r', '9.9-RELEASE', 'web'], /9\.9-RELEASE/],
      [['create', '-r', release, '../etc'], /"\.\.\/etc" cannot be the name of a jail/],
      [['create', '-r', release, 'web', 'colour=red'], /"colour" is no property of a jail/],
      [['create', '-r', release, 'web', 'novalue'], /"novalue" is not PROPERTY=VALUE/],
      [['fetch', '--mirror', 'ftp://x/', '1.0-RELEASE'], /give an https, http or file URL/],
      [['destroy', 'a', 'b@c'], /b@c/],
    ]
    for (const [argv, message] of cases) {
      const { stderr, exitCode } = await ioc(argv)
      assert.is(exitCode, 1, argv.join(' '))
      assert.match(stderr, message)
      assert.not.match(stderr, /\n\s+at /)
    }
  },
  { timeout },
)

test(
  'what a jail is called cannot move the cursor of whoever reads the error',
  async () => {
    const { stderr } = await ioc(['start', '\u001b[2Jx'])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    assert.not.match(stderr, /\u001b/)
  },
  { timeout },
)

test(
  'Ctrl-C undoes what was begun and exits with 130',
  async () => {
    await ioc(['create', '-r', release, 'slow', 'exec_start=sleep 60'])
    const run = ioc(['start', '--json', 'slow'])
    run.stdout?.on('data', (text: Buffer) => {
      if (/"type":"JailHookStart".*"state":"pending"/.test(text.toString())) run.kill('SIGINT')
    })
    const { exitCode } = await run
    assert.is(exitCode, 130)
    assert.match((await ioc(['list'])).stdout, /^-\s+slow\s+no/m)
    await ioc(['destroy', 'slow'])
  },
  { timeout },
)

test(
  'ending the command ends the program that it runs, and a program that was killed is told by the status',
  async () => {
    await ioc(['create', '-r', release, 'ended'])
    await ioc(['start', 'ended'])
    const run = ioc(['exec', 'ended', '--', '/bin/sh', '-c', 'echo up; while :; do sleep 0.05; done'], {
      timeout: 60_000,
    })
    run.stdout?.once('data', () => run.kill('SIGTERM'))
    const { exitCode, timedOut } = await run
    assert.equal([exitCode, timedOut], [130, false])
    assert.is((await ioc(['exec', 'ended', '--', '/bin/sh', '-c', 'kill -9 $$'])).exitCode, 137)
    await ioc(['destroy', '--force', 'ended'])
  },
  { timeout },
)

test(
  'a reader that goes away does not end a start half-way',
  async () => {
    await ioc(['create', '-r', release, 'piped'])
    const words = [process.execPath, bin, 'start', ...where, 'piped'].map((word) => `'${word}'`)
    const { stderr } = await execa('sh', ['-c', `${words.join(' ')} | head -n 1`])
    assert.is(stderr, '')
    assert.match((await ioc(['list'])).stdout, /piped\s+yes/)
    assert.is((await ioc(['destroy', '--force', 'piped'])).exitCode, 0)
  },
  { timeout },
)

test(
  'help names every verb, and an unknown one is refused',
  async () => {
    const help = await execa(process.execPath, [bin, '--help'], { reject: false })
    for (const verb of ['activate', 'fetch', 'list', 'create', 'start', 'stop', 'exec', 'destroy'])
      assert.match(help.stdout, verb)
    assert.is((await execa(process.execPath, [bin, 'strat'], { reject: false })).exitCode, 2)
    assert.is((await ioc(['create', 'web'])).exitCode, 2, 'create needs a release')
    assert.match((await execa(process.execPath, [bin, '--version'])).stdout, /^\d+\.\d+\.\d+$/)
  },
  { timeout },
)

test.run()
