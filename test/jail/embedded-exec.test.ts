import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { OperationCancelled } from '@gaoler/core'
import { JailCommandNotFound, JailCommandNotStarted, JailNotRunning } from '../../packages/jail/src/errors.ts'
import { assert, suite, thrown } from '../harness.ts'
import { inProcess } from './embedded-other-process.ts'
import { type Fixture, isAlive, until, withJail } from './embedded-support.ts'

const test = suite('embedded exec')

/** The pids that a command has printed. */
const pids = (text: string | null): number[] => (text ?? '').trim().split(/\s+/).map(Number)

test(
  "the shell runs the jail's rc, and with none the command is not found and nothing of the host's is run",
  withJail(async (fixture) => {
    fixture.file('etc/rc', 'echo rc of the jail\n')
    assert.is((await fixture.exec(['/bin/sh', '/etc/rc'])).stdout, 'rc of the jail\n')
    // /etc/passwd is on every host and stands for its rc; run as a script it would print errors.
    for (const argv of [
      ['/bin/sh', '/etc/passwd'],
      ['sh', '-e', '/etc/passwd'],
      ['sh', '-o', 'errexit', '/etc/passwd'],
      ['sh', '--', '/etc/passwd'],
      ['/bin/sh', '/../../etc/passwd'],
      ['/bin/sh', '/etc'],
    ]) {
      const error = await thrown<JailCommandNotFound>(() => fixture.exec(argv))
      assert.instance(error, JailCommandNotFound, argv.join(' '))
      assert.equal(error.details, { jail: 'web', command: argv.at(-1) })
    }
    assert.is(fixture.outputs.length, 1)
  }),
)

test(
  "a program is the jail's own or not found, with a path and without",
  withJail(async (fixture) => {
    fixture.file('bin/hello', '#!/bin/sh\necho hello "$@"\n', 0o755)
    fixture.file('bin/plain', 'echo no\n')
    symlinkSync('/bin/hello', join(fixture.root, 'usr/bin/absolute'))
    symlinkSync('../../bin/hello', join(fixture.root, 'usr/bin/relative'))
    symlinkSync('/usr/bin/env', join(fixture.root, 'usr/bin/outside'))
    symlinkSync('circle', join(fixture.root, 'usr/bin/circle'))
    for (const program of [
      '/bin/hello',
      'hello',
      'bin/hello',
      './bin/hello',
      '/usr/bin/absolute',
      'absolute',
      'relative',
    ]) {
      assert.is((await fixture.exec([program, 'x'])).stdout, 'hello x\n', program)
    }
    for (const program of [
      '/bin/ls',
      'ls',
      'env',
      '/bin',
      '/bin/plain',
      'plain',
      'outside',
      'circle',
      '/bin/hello/x',
      '',
    ]) {
      const error = await thrown<JailCommandNotFound>(() => fixture.exec([program]))
      assert.instance(error, JailCommandNotFound, program)
      assert.equal(error.details, { jail: 'web', command: program })
    }
    assert.instance(await thrown(() => fixture.exec([])), JailCommandNotFound)
  }),
)

test(
  'a program whose interpreter the host does not have is not started, and the error says why',
  withJail(async (fixture) => {
    fixture.file('bin/odd', '#!/no/such/interpreter\n', 0o755)
    const error = await thrown<JailCommandNotStarted>(() => fixture.exec(['odd']))
    assert.instance(error, JailCommandNotStarted)
    assert.match(error.message, /^odd could not be started in jail web: the interpreter/)
    for (const argv of [['sh', '-c', 'a\0b'], ['s\0h']]) {
      assert.instance(await thrown(() => fixture.exec(argv)), JailCommandNotStarted)
    }
  }),
)

test(
  'it runs in the root of the jail, with exactly the environment that was given, PATH, and its marks',
  withJail(async (fixture) => {
    const { stdout } = await fixture.exec(['sh', '-c', 'env; pwd -P'], { env: { WORDS: 'a b', IOC_ID: 'web' } })
    const lines = (stdout ?? '').trim().split('\n')
    assert.is(lines.pop(), fixture.root)
    const names = lines
      .map((line) => line.split('=')[0] as string)
      .filter((name) => !['PWD', 'SHLVL', '_'].includes(name))
    assert.equal(names.sort(), ['GAOLER_COMMAND', 'GAOLER_EMBEDDED_JAIL', 'IOC_ID', 'PATH', 'WORDS'])
  }),
)

test(
  'PATH names directories of the jail, those that are there, and behind them the host has its own',
  withJail(async (fixture) => {
    const path = async (PATH?: string): Promise<string | null> =>
      (await fixture.exec(['sh', '-c', 'echo $PATH'], { env: PATH === undefined ? {} : { PATH } })).stdout
    const { root } = fixture
    assert.is(await path(), `${root}/bin:${root}/usr/bin:/usr/bin:/bin\n`)
    assert.is(await path('/usr/bin:/none:relative:/bin'), `${root}/usr/bin:${root}/bin:/usr/bin:/bin\n`)
    fixture.file('bin/ls', '#!/bin/sh\necho ls of the jail\n', 0o755)
    assert.is((await fixture.exec(['sh', '-c', 'ls'])).stdout, 'ls of the jail\n')
    assert.is((await fixture.exec(['sh', '-c', 'basename /a/b'])).stdout, 'b\n')
  }),
)

test(
  'the result tells the exit code or the signal, and the two streams apart',
  withJail(async (fixture) => {
    const expected = { stdout: 'out\n', stderr: 'err\n', code: 3, signal: null }
    assert.equal(await fixture.exec(['sh', '-c', 'echo out; echo err >&2; exit 3']), expected)
    assert.equal(fixture.outputs.map(({ text, stream }) => `${stream} ${text}`).sort(), [
      'stderr err\n',
      'stdout out\n',
    ])
    const killed = await fixture.exec(['sh', '-c', 'kill -TERM $$'])
    assert.equal(killed, { stdout: '', stderr: '', code: null, signal: 'SIGTERM' })
  }),
)

test(
  'output arrives while the command runs, characters whole',
  withJail(async (fixture) => {
    // The three bytes of € in two writes.
    const { stdout } = await fixture.exec([
      'sh',
      '-c',
      String.raw`printf 'a\342\202'; sleep 0.3; printf '\254b'; sleep 0.3`,
    ])
    assert.is(stdout, 'a€b')
    const ended = performance.now()
    assert.equal(
      fixture.outputs.map(({ text }) => text),
      ['a', '€b'],
    )
    assert.ok(ended - (fixture.outputs[0]?.at ?? 0) > 450, 'the first part came early')
  }),
)

test(
  'a command has no input, so that nothing waits for it',
  withJail(async (fixture) => {
    assert.is((await fixture.exec(['sh', '-c', 'read -r line || echo end'])).stdout, 'end\n')
  }),
)

test(
  'the timeout ends the command with all of its group, also one that ignores SIGTERM',
  withJail(async (fixture) => {
    const started = performance.now()
    const result = await fixture.exec(['sh', '-c', 'trap "" TERM; sleep 60 & echo $$ $!; wait; sleep 60'], {
      timeout: 300,
    })
    assert.ok(performance.now() - started < 5000)
    assert.is(result.timedOut, true)
    assert.is(result.signal, 'SIGKILL')
    const [shell, sleeper] = pids(result.stdout)
    assert.not.ok(isAlive(shell as number) || isAlive(sleeper as number))
  }),
)

test(
  'a command that ends in time is not timed out',
  withJail(async (fixture) => {
    assert.not('timedOut' in (await fixture.exec(['sh', '-c', 'true'], { timeout: 60_000 })))
  }),
)

test(
  'cancelling ends the command with all of its group before it rejects',
  withJail(async (fixture) => {
    const controller = new AbortController()
    fixture.signal = controller.signal
    const running = thrown(() => fixture.exec(['sh', '-c', 'sleep 60 & echo $$ $!; wait']))
    await until(() => fixture.outputs.length > 0)
    controller.abort(new Error('enough'))
    const error = await running
    assert.instance(error, OperationCancelled)
    assert.match(error.message, /enough/)
    const [shell, sleeper] = pids(fixture.outputs[0]?.text ?? null)
    assert.not.ok(isAlive(shell as number) || isAlive(sleeper as number))
    assert.instance(await thrown(() => fixture.exec(['sh', '-c', 'echo never'])), OperationCancelled)
    assert.is(fixture.outputs.length, 1)
  }),
)

test(
  'when its output cannot be delivered, the command is ended and the failure thrown',
  withJail(async (fixture) => {
    const context = { ...fixture.context, output: () => Promise.reject(new Error('the consumer failed')) }
    const command = { name: 'web', argv: ['sh', '-c', 'echo $$; sleep 60'] }
    const started = performance.now()
    const error = await thrown(() => fixture.platform.effects.execInJail.run(command, context))
    assert.is(error.message, 'the consumer failed')
    assert.ok(performance.now() - started < 5000)
  }),
)

test(
  "with stdio inherit it uses the caller's own output, and nothing is collected",
  withJail(async (fixture) => {
    const body = `const result = await fixture.exec(['sh', '-c', 'echo direct'], { stdio: 'inherit' })
      console.log(JSON.stringify(result), fixture.outputs.length)`
    const { stdout } = await inProcess(fixture, body)
    assert.is(stdout, 'direct\n{"stdout":null,"stderr":null,"code":0,"signal":null} 0\n')
  }),
)

test(
  'with stdio inherit the timeout ends the command and its descendants, and not the caller',
  withJail(async (fixture) => {
    const body = `const result = await fixture.exec(['sh', '-c', 'sleep 60 & echo $$ $!; wait'], { stdio: 'inherit', timeout: 500 })
      console.log(result.signal, result.timedOut)`
    const { stdout, code } = await inProcess(fixture, body)
    const [processes, result] = stdout.split('\n')
    assert.is(result, 'SIGKILL true')
    assert.is(code, 0)
    assert.not.ok(pids(processes ?? null).some(isAlive))
  }),
)

test(
  'nothing is run in a jail that is not there',
  withJail(async (fixture) => {
    await fixture.remove()
    const error = await thrown<JailNotRunning>(() => fixture.exec(['sh', '-c', 'echo never']))
    assert.instance(error, JailNotRunning)
    assert.is(fixture.outputs.length, 0)
  }),
)

test(
  'commands of the host run on the host, outside the root',
  withJail(async (fixture: Fixture) => {
    const { execOnHost } = fixture.platform.effects
    const result = await execOnHost.run({ argv: ['/bin/sh', '-c', 'pwd; test -d /etc && echo host'] }, fixture.context)
    assert.is(result.stdout, '/\nhost\n')
  }),
)

test(
  'commands leave nothing open in this process',
  withJail(async (fixture) => {
    const open = (): string =>
      process
        .getActiveResourcesInfo()
        .filter((name) => name.endsWith('Wrap'))
        .sort()
        .join()
    await until(() => !open().includes('ProcessWrap'))
    const before = open()
    await fixture.exec(['sh', '-c', 'echo x'])
    await fixture.exec(['sh', '-c', 'sleep 60'], { timeout: 50 })
    await fixture.exec(['sh', '-c', 'sleep 60 & echo daemon'])
    await until(() => open() === before)
  }),
)

test.run()
