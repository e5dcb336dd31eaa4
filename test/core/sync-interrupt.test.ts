import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { assert, suite } from '../harness.ts'
import { ended, type Ran } from './fixtures/run.ts'

const test = suite('core/sync-interrupt')
const fixture = resolve(import.meta.dirname, 'fixtures/sync-interrupted.ts')
const scriptable = hasScript()

/** A pseudo-terminal: what is written to the child's stdin is typed there. */
function onTerminal(how: string): ChildProcess {
  const command = [process.execPath, fixture, how].map((word) => `'${word}'`).join(' ')
  return spawn('script', ['-qfec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Runs it until it says that it waits, does that to it, and tells how it ended, and how long after. */
async function interrupt(
  child: ChildProcess,
  act: (child: ChildProcess) => void,
  times = 1,
): Promise<Ran & { time: number }> {
  let text = ''
  let from = 0
  child.stdout?.on('data', (chunk) => {
    text += String(chunk)
    if (from > 0 || !text.includes('JailHookStart:pending')) return
    from = performance.now()
    for (let time = 0; time < times; time++) setTimeout(() => act(child), 400 + time * 300)
  })
  const ran = await ended(child)
  return { ...ran, stdout: ran.stdout.replaceAll('\r', '').replace('^C', ''), time: performance.now() - from - 400 }
}

const undone = 'JailHookStart:failed\nundo JailAttach:pending\nundo JailAttach:done\nJailStart:failed\n'

for (const how of ['timer', 'child']) {
  const title = `Ctrl-C on a terminal undoes what waits for a ${how}, within 2 s, and the exit code is 130`
  if (!scriptable) {
    test.skip(title, 'there is no script(1) of util-linux')
    continue
  }
  test(title, async () => {
    const { code, stdout, time } = await interrupt(onTerminal(how), (child) => child.stdin?.write('\x03'))
    assert.match(stdout, `${undone}exit 130\n`)
    assert.is(code, 130, stdout)
    assert.ok(time < 2000, `${time} ms`)
  })
}

const busy = 'Ctrl-C on a terminal is heard while onEvent is busy all the time'
if (!scriptable) test.skip(busy, 'there is no script(1) of util-linux')
else {
  test(busy, async () => {
    const { code, stdout, time } = await interrupt(onTerminal('busy'), (child) => child.stdin?.write('\x03'))
    assert.match(stdout, `${undone}exit 130\n`)
    assert.is(code, 130, stdout)
    assert.ok(time < 2000, `${time} ms`)
  })
}

test('a bare kill -INT does the same', async () => {
  const child = spawn(process.execPath, [fixture, 'timer'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, stdout, time } = await interrupt(child, () => child.kill('SIGINT'))
  assert.match(stdout, `${undone}exit 130\n`)
  assert.is(code, 130)
  assert.ok(time < 2000, `${time} ms`)
})

test('a call inside the onEvent of another one is undone first, then the other one', async () => {
  const child = spawn(process.execPath, [fixture, 'nested'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, stdout } = await interrupt(child, () => child.kill('SIGINT'))
  const [, inner = '', outer = ''] = stdout.split('JailHookStart:failed')
  for (const part of [inner, outer])
    assert.match(part, 'undo JailAttach:pending\nundo JailAttach:done\nJailStart:failed')
  assert.is(code, 130)
})

test('a second Ctrl-C does not wait for the undo', async () => {
  const child = spawn(process.execPath, [fixture, 'deaf'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, stdout, time } = await interrupt(child, () => child.kill('SIGINT'), 2)
  assert.is(code, 130)
  assert.match(stdout, 'undo JailAttach:pending\nexit 130\n')
  assert.ok(time < 2000, `${time} ms`)
})

test('a program with a listener of its own goes on after the undo: the call throws, then the listener runs', async () => {
  const child = spawn(process.execPath, [fixture, 'listener'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, stdout } = await interrupt(child, () => child.kill('SIGINT'))
  assert.match(stdout, `${undone}caught JailStart was cancelled: SIGINT\nmy own listener\nexit 3\n`)
  assert.is(code, 3)
})

test('an operation that is parked between two pulls is undone as well', async () => {
  const child = spawn(process.execPath, [fixture, 'parked'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, stdout, stderr } = await ended(child)
  assert.is(stderr, '')
  assert.match(stdout, 'undo JailAttach:pending\nundo JailAttach:done\nJailStart:failed\nexit 130\n')
  assert.is(code, 130)
})

function hasScript(): boolean {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux')
  } catch {
    return false
  }
}

test.run()
