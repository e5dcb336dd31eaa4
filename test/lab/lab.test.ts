import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { assert, suite } from '../harness.ts'
import { type LabOptions, labStatus, startInLab } from './lab.ts'

const status = await labStatus()
const all = suite('lab, its guest')
// A machine with other work to do starts a guest in several seconds.
const timeout = 60
const test = (title: string, body: () => unknown) => {
  if (status.ready) all(title, body, { timeout: 2 * timeout * 1000 })
  else all.skip(title, status.reason ?? `needs ${status.needs.join(', ')}`)
}

type Started = Awaited<ReturnType<typeof startInLab>>

async function inLab(argv: string[], options: LabOptions = {}, during?: (guest: Started, stdout: PassThrough) => void) {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const guest = await startInLab(argv, { timeout, ...options, stdout, stderr })
  const texts = Promise.all([text(stdout), text(stderr)])
  during?.(guest, stdout)
  const result = await guest.result.finally(() => {
    stdout.end()
    stderr.end()
  })
  const [out, err] = await texts
  return { ...result, out, err }
}

test('output, errors and the exit code come apart', async () => {
  const { code, out, err } = await inLab(['sh', '-c', 'printf "a\\r\\nb"; printf "c\\n" >&2; exit 7'])
  assert.equal([code, out, err], [7, 'a\r\nb', 'c\n'])
})

test('standard input arrives byte by byte, and ends', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) % 256))
  const { out } = await inLab(['sha256sum'], { stdin: Readable.from([bytes]) })
  assert.is(out.slice(0, 64), createHash('sha256').update(bytes).digest('hex'))
})

test('arguments, folder and environment arrive as they are', async () => {
  const script = 'console.log(JSON.stringify([process.argv.slice(1), process.cwd(), process.env["odd.name"]]))'
  const argv = ['', "it's", '$HOME', 'two\nlines', '--', '-x']
  const { out } = await inLab(['node', '-e', script, '--', ...argv], {
    cwd: '/usr/lib',
    env: { 'odd.name': "a 'b' $c" },
  })
  assert.equal(JSON.parse(out), [argv, '/usr/lib', "a 'b' $c"])
})

test('the time limit ends the guest', async () => {
  const started = performance.now()
  const { code, timedOut } = await inLab(['sleep', '1000'], { timeout: 3 })
  assert.equal([code, timedOut], [124, true])
  assert.ok(performance.now() - started < 30_000)
})

test('a signal reaches the command, also before there is one', async () => {
  const script = 'trap "echo caught; exit 5" TERM; echo up; while :; do sleep 0.1; done'
  const signalled = await inLab(['sh', '-c', script], {}, (guest, out) => out.once('data', () => guest.kill('SIGTERM')))
  assert.equal([signalled.code, signalled.out], [5, 'up\ncaught\n'])
  const early = await inLab(['sleep', '1000'], {}, (guest) => guest.kill('SIGTERM'))
  assert.is(early.code, 137)
})

test('the guest writes on the machine in shared folders only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gaoler-lab-test-'))
  const shared = mkdtempSync(join(tmpdir(), "gaoler-lab-test-it's "))
  try {
    const command = 'echo 1 >"$0/a"; echo 2 >"$1/a"; cat "$0/a"'
    const { out } = await inLab(['sh', '-c', command, folder, shared], { shared: [shared] })
    assert.is(out, '1\n')
    assert.throws(() => readFileSync(join(folder, 'a')), /ENOENT/)
    assert.is(readFileSync(join(shared, 'a'), 'utf8'), '2\n')
  } finally {
    for (const path of [folder, shared]) rmSync(path, { recursive: true })
  }
})

test('what the command leaves behind does not hold the guest', async () => {
  const { code, out } = await inLab(['sh', '-c', 'sleep 1000 & echo done'])
  assert.equal([code, out], [0, 'done\n'])
})

test('a command that does not exist ends with 127', async () => {
  const { code, err } = await inLab(['no-such-command'])
  assert.is(code, 127)
  assert.match(err, /no-such-command/)
})

all.run()
