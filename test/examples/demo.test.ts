import { resolve } from 'node:path'
import { type EventData, revive } from '@gaoler/core'
import { execa } from 'execa'
import { faultsOf } from '../core/toys.ts'
import { assert, suite } from '../harness.ts'

const test = suite('examples/demo')
const root = resolve(import.meta.dirname, '../..')
const demo = (argv: string[] = []) =>
  execa(process.execPath, ['examples/run.ts', 'demo', ...argv], { cwd: root, all: true })

test('with --json it prints one IocEvent a line, every operation with exactly one final state for each id', async () => {
  const { stdout } = await demo(['--json'])
  const events = stdout.split('\n').map((line) => revive(JSON.parse(line) as EventData))
  const runs = Map.groupBy(events, ({ id }) => id.split('.')[0])
  assert.is(runs.size, 8)
  for (const run of runs.values()) assert.equal(faultsOf(run), [])
  const operations = events.filter(({ depth, state }) => depth === 0 && state === 'done').map(({ type }) => type)
  assert.equal(operations, [
    'FetchRelease',
    'JailCreate',
    'JailStart',
    'JailCommand',
    'JailClone',
    'JailDestroy',
    'JailStop',
    'JailDestroy',
  ])
  assert.is(events.filter(({ type, state }) => type === 'ZFSDatasetDestroy' && state === 'done').length, 2)
})

test('piped, it prints plain lines without a control character', async () => {
  const { all } = await demo()
  assert.match(all, 'hello from ')
  assert.match(all, /^ {2}✔ JailAttach@web/m)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  assert.not.match(all, /[\u0000-\u0009\u000b-\u001f]/)
})

test('on a terminal it paints a tree in place and leaves it complete', async () => {
  const { stdout } = await execa(
    'script',
    ['-qec', `stty rows 60 columns 100; ${process.execPath} examples/demo.ts`, '/dev/null'],
    {
      cwd: root,
    },
  )
  const screen = paint(stdout)
  for (const line of [
    '✔ JailStart@web',
    '  ✔ JailAttach@web',
    '  – JailHookPrestart@web: not configured',
    '✔ JailDestroy@web',
  ]) {
    assert.ok(
      screen.some((shown) => shown.startsWith(line)),
      `${line} in\n${screen.join('\n')}`,
    )
  }
  assert.not.ok(
    screen.some((line) => line.trimStart().startsWith('·')),
    'nothing is left as pending',
  )
})

/** The lines that a terminal would show after all that: cursor up, erase below, colours. */
function paint(text: string): string[] {
  const lines = ['']
  let row = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the sequences of a terminal
  for (const [token] of text.matchAll(/\u001b\[\d*[A-Za-z]|\u001b\[[\d;]*m|[\r\n]|[^\u001b\r\n]+/g)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const up = /^\u001b\[(\d*)A$/.exec(token)
    if (up) row -= Number(up[1] || 1)
    else if (token === '\u001b[J') lines.length = row
    else if (token === '\n') row++
    else if (token !== '\r' && !token.startsWith('\u001b')) lines[row] = (lines[row] ?? '') + token
  }
  return [...lines].map((line) => line ?? '')
}

test.run()
