import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OperationCancelled } from '@gaoler/core'
import { execa } from 'execa'
import {
  HostCommandNotFound,
  JailCommandNotFound,
  JailCommandNotStarted,
  JailNotRunning,
  JailUserNotFound,
} from '../../packages/jail/src/errors.ts'
import { assert, suite, thrown } from '../harness.ts'
import { until } from './embedded-support.ts'
import {
  cgroup,
  child,
  create,
  effects,
  inJail,
  LabPool,
  launch,
  processesWith,
  recorder,
  remove,
  runDirectory,
  shell,
} from './linux-lab.ts'

const test = suite('jail/linux-platform commands')
const timeout = 60_000
let pool: LabPool
let root: string
const run = (script: string, more: object = {}) => inJail('exec', { argv: ['sh', '-c', script], ...more })

test.before(async () => {
  pool = await LabPool.make('commands')
  root = await pool.clone('exec')
  await create(launch('exec', root))
})
test.after(async () => {
  await remove('exec')
  await pool[Symbol.asyncDispose]()
})

test(
  'the exit code and the signal are told apart, whatever the code is',
  async () => {
    const ends = [
      ['exit 0', 0, null],
      ['exit 3', 3, null],
      ['exit 137', 137, null],
      ['exit 255', 255, null],
      ['kill -KILL $$', null, 'SIGKILL'],
      ['kill -TERM $$', null, 'SIGTERM'],
    ] as const
    for (const [script, code, signal] of ends) {
      assert.equal(await run(script), { stdout: '', stderr: '', code, signal })
    }
  },
  { timeout },
)

test(
  'a command runs as a user of the jail, with the groups that the jail gives it and no capability',
  async () => {
    mkdirSync(join(root, 'etc'), { recursive: true })
    const users = ['root:x:0:0:root:/root:/bin/sh', 'web:x:33:33::/srv:/bin/false', 'big:x:70000:1::/:/bin/sh', '']
    writeFileSync(join(root, 'etc', 'passwd'), users.join('\n'))
    writeFileSync(join(root, 'etc', 'group'), 'web:x:33:\nfriends:x:4711:games,web\n')
    const script = 'id -u; id -g; id -G; echo "$HOME"; grep CapEff /proc/self/status; echo hi > /dev/stdout'
    const { stdout, stderr } = await run(script, { user: 'web' })
    assert.equal([stdout, stderr], ['33\n33\n33 4711\n/srv\nCapEff:\t0000000000000000\nhi\n', ''])
    for (const user of ['nobody-here', 'root:x', 'big', '']) {
      assert.instance(await thrown(() => run('true', { user })), JailUserNotFound, user)
    }
    for (const file of ['passwd', 'group']) rmSync(join(root, 'etc', file))
  },
  { timeout },
)

test(
  'argv and environment arrive as they were given',
  async () => {
    const odd = ['--', '-e', 'a b\'c"d', '$HOME `id` \\', 'zwölf\n', '']
    const { stdout } = await inJail('exec', { argv: ['sh', '-c', 'for a; do echo "[$a]"; done', 'name', ...odd] })
    assert.is(stdout, odd.map((word) => `[${word}]\n`).join(''))
    const { stdout: all } = await inJail('exec', { argv: ['env'], env: { ODD: '=a "b"\n', HOME: '/tmp' } })
    assert.is(all, 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOME=/tmp\nODD==a "b"\n\n')
  },
  { timeout },
)

test(
  'a missing program, one that is none and one that cannot start are told apart',
  async () => {
    writeFileSync(join(root, 'bin/orphan'), '#!/bin/nothing\n', { mode: 0o755 })
    writeFileSync(join(root, 'bin/plain'), 'no program', { mode: 0o644 })
    for (const argv of [['nosuch'], ['/bin/nosuch'], ['/bin'], ['plain'], ['/etc/../bin/nosuch']]) {
      assert.instance(await thrown(() => inJail('exec', { argv })), JailCommandNotFound, argv.join())
    }
    const orphan = await thrown(() => inJail('exec', { argv: ['orphan'] }))
    assert.instance(orphan, JailCommandNotStarted)
    assert.match(orphan.message, /No such file/)
    assert.instance(await thrown(() => inJail('absent', { argv: ['true'] })), JailNotRunning)
  },
  { timeout },
)

test(
  'output is delivered while the command runs, whole characters at a time',
  async () => {
    const context = recorder()
    const script = 'printf "one\\303"; sleep 1; printf "\\244two" >&1; echo bad >&2'
    const result = await inJail('exec', { argv: ['sh', '-c', script] }, context)
    assert.is(result.stdout, 'oneätwo')
    assert.is(result.stderr, 'bad\n')
    const [first, second] = context.chunks.filter(({ stream }) => stream === 'stdout')
    assert.is(first?.text, 'one')
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) > 500)
  },
  { timeout },
)

test(
  'much output is complete, however slow its reader is',
  async () => {
    let received = 0
    const slow = {
      ...recorder(),
      output: async (text: string) => {
        received += text.length
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    }
    const { stdout } = await inJail('exec', { argv: ['head', '-c', '1000000', '/dev/zero'] }, slow)
    assert.is(stdout?.length, 1_000_000)
    assert.is(received, 1_000_000)
  },
  { timeout },
)

test(
  'a daemon that is left behind goes on running, and is not waited for',
  async () => {
    const { stdout } = await run('sleep 4321 & echo left')
    assert.is(stdout, 'left\n')
    assert.is(processesWith('sleep 4321').length, 1)
  },
  { timeout },
)

test(
  'a timeout ends every process of the command and no other',
  async () => {
    const result = await run('sleep 1234 & setsid sleep 1234 & (setsid sh -c "sleep 1234 & sleep 1234") & wait', {
      timeout: 700,
    })
    assert.equal(result, { stdout: '', stderr: '', code: null, signal: 'SIGKILL', timedOut: true })
    assert.equal(processesWith('sleep 1234'), [])
    assert.is(processesWith('sleep 4321').length, 1)
  },
  { timeout },
)

test(
  "a cancellation ends the command's processes before it is reported",
  async () => {
    const end = new AbortController()
    // Killed at rest: the guest's kernel does not survive a process that is killed while it forks.
    const atRest = {
      ...recorder(end.signal),
      output: async () => void setTimeout(() => end.abort(new Error('enough')), 300),
    }
    const argv = ['sh', '-c', 'setsid sleep 5678 & echo ready; sleep 5678']
    const error = await thrown(() => inJail('exec', { argv }, atRest))
    assert.instance(error, OperationCancelled)
    assert.match(error.message, /enough/)
    for (const left of ['sleep 5678', 'crun']) assert.equal(processesWith(left), [], left)
    assert.instance(await thrown(() => inJail('exec', { argv }, recorder(end.signal))), OperationCancelled)
  },
  { timeout },
)

test("commands leave neither files nor cgroups, but for a daemon's", () => {
  const kept = readdirSync(join('/sys/fs/cgroup', cgroup, 'exec')).filter((name) => name.startsWith('exec-'))
  assert.is(kept.length, 1)
  assert.equal(
    readdirSync(join(runDirectory, 'linux/bundles/exec')).filter((name) => name.startsWith('exec-')),
    [],
  )
})

test(
  'commands run side by side, each with its own output and end',
  async () => {
    const results = await Promise.all([5, 6, 7].map((code) => run(`echo ${code}; exit ${code}`)))
    assert.equal(
      results.map(({ stdout, code }) => [stdout, code]),
      [
        ['5\n', 5],
        ['6\n', 6],
        ['7\n', 7],
      ],
    )
  },
  { timeout },
)

test(
  'at a terminal the command gets a new one, made in the jail',
  async () => {
    const argv = ['sh', '-c', 'tty; readlink /proc/self/fd/0; exit 5']
    const line = child('execInJail', { name: 'exec', argv, stdio: 'inherit' }).map((word) => `'${word}'`)
    const { stdout } = await execa('script', ['-qec', line.join(' '), '/dev/null'], { stdin: 'ignore' })
    assert.match(stdout, /\/dev\/pts\/0\r?\n/)
    assert.match(stdout, /"stdout":null,"stderr":null,"code":5,"signal":null/)
  },
  { timeout },
)

test(
  'without a terminal inherit hands on the streams as they are',
  async () => {
    const argv = ['sh', '-c', 'cat; echo err >&2; exit 4']
    const [node, ...args] = child('execInJail', { name: 'exec', argv, stdio: 'inherit' })
    const { stdout, stderr } = await execa(node, args, { input: 'typed\n' })
    assert.is(stdout, 'typed\n{"stdout":null,"stderr":null,"code":4,"signal":null}')
    assert.is(stderr, 'err')
  },
  { timeout },
)

test(
  'what a command is running whose gaoler was killed is ended by its mark, in the jail and whatever it did to get away, and nothing else',
  async () => {
    const controller = new AbortController()
    const bystander = inJail('exec', { argv: ['sleep', '9753'] }, recorder(controller.signal))
    await until(() => processesWith('sleep 9753').length === 1)
    const argv = ['sh', '-c', 'sleep 2468 & setsid sleep 2468 & wait']
    const [node, ...args] = child('execInJail', { name: 'exec', argv })
    const gaoler = execa(node, args, { reject: false })
    // Its own line has the words too, and so has the shell's.
    await until(() => processesWith('sleep 2468').length === 4)
    gaoler.kill('SIGKILL')
    await gaoler
    const folder = join('/sys/fs/cgroup', cgroup, 'exec')
    const marks = readdirSync(folder).flatMap((name) => (name.startsWith('exec-') ? name.slice('exec-'.length) : []))
    const own = marks.find(
      (mark) => readFileSync(join(folder, `exec-${mark}`, 'cgroup.procs'), 'utf8').split('\n').length > 3,
    )
    assert.is(await effects.endCommand.run({ mark: 'of nobody' }, recorder()), 0)
    assert.ok((await effects.endCommand.run({ mark: own as string }, recorder())) >= 3)
    await until(() => processesWith('sleep 2468').length === 0)
    assert.is(await effects.endCommand.run({ mark: own as string }, recorder()), 0)
    assert.is(processesWith('sleep 9753').length, 1)
    controller.abort()
    assert.instance(await thrown(() => bystander), OperationCancelled)
  },
  { timeout },
)

test(
  'commands of the host run with the same rules',
  async () => {
    const onHost = (argv: string[], more: object = {}) => effects.execOnHost.run({ argv, ...more }, recorder())
    assert.equal(await onHost(['sh', '-c', 'echo $X; exit 9'], { env: { X: 'y' } }), {
      stdout: 'y\n',
      stderr: '',
      code: 9,
      signal: null,
    })
    assert.equal(await onHost(['sh', '-c', 'sleep 1357 & wait'], { timeout: 200 }), {
      stdout: '',
      stderr: '',
      code: null,
      signal: 'SIGKILL',
      timedOut: true,
    })
    assert.equal(processesWith('sleep 1357'), [])
    assert.instance(await thrown(() => onHost(['nosuch'])), HostCommandNotFound)
  },
  { timeout },
)

test(
  'process 1 may be ended from inside; then the jail runs no more',
  async () => {
    await shell('exec', 'kill -TERM 1').catch(() => {})
    assert.instance(await thrown(() => run('true')), JailNotRunning)
    assert.equal(processesWith('sleep 4321'), [])
  },
  { timeout },
)

test.run()
