import { spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { JailNotRunning } from '../../packages/jail/src/errors.ts'
import { execInJail } from '../../packages/jail/src/platform/embedded/exec.ts'
import { JailProcesses, MARK } from '../../packages/jail/src/platform/embedded/jail-processes.ts'
import { type JailRecord, JailTable } from '../../packages/jail/src/platform/embedded/jail-table.ts'
import { processes, ps } from '../../packages/jail/src/platform/process-list.ts'
import { assert, suite, thrown } from '../harness.ts'
import { inProcess } from './embedded-other-process.ts'
import { type Fixture, isAlive, until, withJail } from './embedded-support.ts'

const test = suite('embedded processes')
const open = new Set<number>()

/** A process of the host that has nothing to do with the jail. */
function stranger(env: Record<string, string> = {}): number {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { ...process.env, ...env } })
  open.add(child.pid as number)
  return child.pid as number
}

/** Runs a command of the jail that prints the pids of what it leaves behind. */
async function leave(fixture: Fixture, command: string): Promise<number[]> {
  const { stdout } = await fixture.exec(['sh', '-c', command])
  const pids = (stdout ?? '').trim().split(/\s+/).map(Number)
  for (const pid of pids) {
    assert.ok(isAlive(pid), `${pid} was left behind`)
    open.add(pid)
  }
  return pids
}

/** A shell command that leaves `program` behind in a session of its own, with our node in the part of setsid(1). */
const inOwnSession = (program: string): string => {
  const code = `console.log(require('node:child_process').spawn('sh', ['-c', ${JSON.stringify(program)}], { detached: true, stdio: 'ignore' }).pid); process.exit()`
  return `'${process.execPath}' -e '${code.replaceAll("'", `'\\''`)}'`
}

test.after(() => {
  for (const pid of open) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
})

test(
  'a command that leaves a daemon behind ends, also when the daemon keeps its output open',
  withJail(async (fixture) => {
    const started = performance.now()
    await leave(fixture, 'sleep 60 & echo $!')
    assert.ok(performance.now() - started < 3000)
  }),
)

test(
  'a daemon that never falls silent does not keep it either',
  withJail(async (fixture) => {
    for (const daemon of ['while :; do echo again; sleep 0.1; done', 'yes']) {
      const started = performance.now()
      const { stdout } = await fixture.exec(['sh', '-c', `sh -c '${daemon}' & echo $!`])
      assert.ok(performance.now() - started < 5000, daemon)
      assert.ok(isAlive(Number(/^\d+$/m.exec(stdout ?? '')?.[0])), `${daemon} lives on`)
      await fixture.remove()
      await fixture.create()
    }
  }),
)

test(
  'a slow consumer gets all that a command wrote',
  withJail(async (fixture) => {
    let slow = 2000
    const output = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, slow))
      slow = 0
    }
    const argv = ['sh', '-c', 'sleep 60 & i=0; while [ $i -lt 4000 ]; do i=$((i+1)); echo $i 0123456789; done']
    const { stdout } = await fixture.platform.effects.execInJail.run(
      { name: 'web', argv },
      { ...fixture.context, output },
    )
    assert.is(stdout?.trimEnd().split('\n').length, 4000)
  }),
)

test(
  'removing the jail ends the daemons of its commands',
  withJail(async (fixture) => {
    const daemons = [
      ...(await leave(fixture, 'sleep 60 & echo $!')),
      ...(await leave(fixture, 'sleep 60 >/dev/null 2>&1 </dev/null & sleep 61 & echo $! ')),
      ...(await leave(fixture, inOwnSession('sleep 60'))),
      ...(await leave(fixture, 'env -i sleep 60 & echo $!')),
    ]
    await fixture.remove()
    assert.equal(daemons.filter(isAlive), [])
    assert.equal(fixture.leftovers(), [])
  }),
)

test(
  'a daemon that catches SIGTERM can put things in order',
  withJail(async (fixture) => {
    await leave(fixture, `sh -c 'trap "echo bye >tmp/bye; exit" TERM; while :; do sleep 0.05; done' & echo $!`)
    await fixture.remove()
    assert.equal(readdirSync(join(fixture.root, 'tmp')), ['bye'])
  }),
)

test(
  'one that ignores it is killed after a second, and at once where the removal is cancelled',
  withJail(async (fixture) => {
    const stubborn = `sh -c 'trap "" TERM; while :; do sleep 0.05; done' & echo $!; sleep 0.2`
    const [first] = await leave(fixture, stubborn)
    let started = performance.now()
    await fixture.remove()
    const waited = performance.now() - started
    assert.ok(waited > 900 && waited < 5000, `${waited} ms`)
    assert.not.ok(isAlive(first as number))

    await fixture.create()
    const [second] = await leave(fixture, stubborn)
    fixture.signal = AbortSignal.abort()
    started = performance.now()
    await fixture.remove()
    assert.ok(performance.now() - started < 900)
    assert.not.ok(isAlive(second as number))
  }),
)

test(
  'processes of other jails and of the host live on',
  withJail(async (fixture) => {
    await fixture.create('other')
    const { stdout } = await fixture.platform.effects.execInJail.run(
      { name: 'other', argv: ['sh', '-c', 'sleep 60 & echo $!'] },
      fixture.context,
    )
    const foreign = stranger()
    const marked = stranger({ [MARK]: 'another token' })
    await leave(fixture, 'sleep 60 & echo $!')
    await fixture.remove()
    assert.equal([Number(stdout), foreign, marked].map(isAlive), [true, true, true])
    await fixture.remove('other')
    assert.equal([Number(stdout), foreign, marked].map(isAlive), [false, true, true])
  }),
)

test(
  'a pid that was recorded and is now another process is not killed',
  withJail(async (fixture) => {
    const jail = new JailTable(fixture.state).require('web')
    const foreign = stranger()
    const record = join(fixture.state, 'state', jail.token, 'processes', String(foreign))
    writeFileSync(record, 'a moment before')
    await fixture.remove()
    assert.ok(isAlive(foreign))
    assert.equal(fixture.leftovers(), [])
  }),
)

test(
  'a recorded process that has cleared its environment is ended with its group',
  withJail(async (fixture) => {
    const jail = new JailTable(fixture.state).require('web')
    const cleared = stranger()
    await new JailProcesses(new JailTable(fixture.state), jail).record(cleared)
    await fixture.remove()
    assert.not.ok(isAlive(cleared))
  }),
)

test(
  'the commands of a caller that was killed run on, and end with the jail',
  withJail(async (fixture) => {
    let caller = 0
    const command = 'echo $$ >tmp/shell; env -i sleep 60 & echo $! >tmp/sleeper; wait'
    const running = inProcess(fixture, `await fixture.exec(['sh', '-c', ${JSON.stringify(command)}])`, (pid) => {
      caller = pid
    })
    await until(() => Number(fixture.read('tmp/sleeper')) > 0)
    process.kill(caller, 'SIGKILL')
    await running
    const left = ['tmp/shell', 'tmp/sleeper'].map((path) => Number(fixture.read(path)))
    assert.equal(left.map(isAlive), [true, true])
    await fixture.remove()
    assert.equal(left.map(isAlive), [false, false])
  }),
)

test(
  'commands that are started while the jail is removed leave no process',
  withJail(async (fixture) => {
    const commands: Promise<unknown>[] = []
    const refused: string[] = []
    const { token } = new JailTable(fixture.state).require('web')
    const starting = (async () => {
      for (let n = 0; n < 15; n++) {
        commands.push(fixture.exec(['sh', '-c', 'sleep 60']).catch((error) => refused.push(error.name)))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, 25))
    await fixture.remove()
    await starting
    await Promise.all(commands)
    assert.ok(refused.length > 0 && refused.every((name) => name === 'JailNotRunning'), refused.join())
    assert.equal(
      (await processes.list(`${MARK}=${token}`)).filter(({ marked }) => marked),
      [],
    )
  }),
)

test(
  'a command whose jail is removed between its check and its start is ended',
  withJail(async (fixture) => {
    const jail = new JailTable(fixture.state).require('web')
    class Late extends JailTable {
      override require(): JailRecord {
        return jail
      }
    }
    await fixture.remove()
    const started = performance.now()
    const command = { name: 'web', argv: ['sh', '-c', 'sleep 60'] }
    const error = await thrown(() => execInJail(new Late(fixture.state), command, fixture.context))
    assert.instance(error, JailNotRunning)
    assert.ok(performance.now() - started < 10_000)
    assert.equal(
      (await processes.list(`${MARK}=${jail.token}`)).filter(({ marked }) => marked),
      [],
    )
    assert.equal(fixture.leftovers(), [])
  }),
)

/** Only where there is a ps(1), which a minimal Debian lacks. */
function withPs(title: string, body: () => unknown): void {
  const found = (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, 'ps')))
  if (found) test(title, body)
  else test.skip(title, 'there is no program ps here')
}

withPs(
  'where there is no /proc of Linux, ps tells the same',
  withJail(async (fixture) => {
    const { token } = new JailTable(fixture.state).require('web')
    const [pid] = await leave(fixture, 'sleep 60 & echo $!')
    const foreign = stranger()
    const [one, other] = [await processes.list(`${MARK}=${token}`), await ps.list(`${MARK}=${token}`)]
    const pick = (list: typeof one, wanted: number): unknown => {
      const { pid, parent, group, marked } = list.find((entry) => entry.pid === wanted) ?? {}
      return { pid, parent, group, marked }
    }
    for (const wanted of [pid as number, foreign, process.pid]) assert.equal(pick(other, wanted), pick(one, wanted))
    assert.is(other.find((entry) => entry.pid === foreign)?.started, await ps.startOf(foreign))
    assert.is(await ps.startOf(2 ** 30), null)
    assert.ok(Math.abs(Date.parse(`${await ps.startOf(foreign)} UTC`) - Date.now()) < 10_000)
  }),
)

withPs(
  'processes are ended just so with ps',
  withJail(async (fixture) => {
    const table = new JailTable(fixture.state)
    const [daemon] = await leave(fixture, 'sleep 60 & echo $!')
    const foreign = stranger()
    const cleared = stranger()
    const jail = new JailProcesses(table, table.require('web'), ps)
    await jail.record(cleared)
    writeFileSync(join(table.place(table.require('web'), 'processes'), String(foreign)), 'Thu Jan  1 00:00:00 1970')
    await jail.end(new AbortController().signal)
    assert.equal([daemon as number, cleared, foreign].map(isAlive), [false, false, true])
  }),
)

test.run()
