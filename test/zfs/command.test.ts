import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  DatasetBusy,
  DatasetNotFound,
  FilesystemNotFound,
  NameInvalid,
  OutputNotUnderstood,
  PermissionDenied,
  PropertyInvalid,
  ZFSCommandFailed,
} from '@gaoler/zfs'
import { inherit, set } from '../../packages/zfs/src/command/change.ts'
import { type Ability, get, list } from '../../packages/zfs/src/command/list.ts'
import { mount, unmount } from '../../packages/zfs/src/command/mount.ts'
import { type Found, parseJson } from '../../packages/zfs/src/command/parse.ts'
import { type CommandResult, type Program, run, runSync } from '../../packages/zfs/src/command/run.ts'
import { TableReader } from '../../packages/zfs/src/command/table-reader.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('zfs/command')
const there = (): boolean => true
const nowhere = (): boolean => false

/** Runs a program against commands whose answers are known; gives its result and the commands that it ran. */
function play<R>(program: Program<R>, ...answers: Partial<CommandResult>[]): { result: R; commands: string[] } {
  const commands: string[] = []
  let step = program.next()
  while (!step.done) {
    commands.push(step.value.join(' '))
    const answer = answers.shift()
    if (!answer) throw new Error(`an unexpected command: ${commands.at(-1)}`)
    step = program.next({ stdout: '', stderr: '', exitCode: 0, ...answer })
  }
  return { result: step.value, commands }
}

/** A whole table, which may come in portions. */
function parseTable(stdout: string, properties: readonly string[]): Found[] {
  const reader = new TableReader(properties)
  const lines = stdout.replace(/\n$/, '').split('\n')
  return [...lines.flatMap((line) => reader.push([line])), ...reader.end()]
}

const json = (datasets: Record<string, unknown>): Partial<CommandResult> => ({ stdout: JSON.stringify({ datasets }) })
const one = (
  name: string,
  type: string,
  properties: Record<string, string> = {},
  source = 'NONE',
): Record<string, unknown> => ({
  [name]: {
    name,
    type,
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, { value, source: { type: source, data: '-' } }]),
    ),
  },
})

test('JSON is asked for where a value has a line break, and it is found out once whether there is any', () => {
  const ability: Ability = {}
  const stdout = 'tank\ttype\t-\tfilesystem\ntank\tmountpoint\tlocal\t/a\tb\nc\n'
  const first = play(
    list({ root: 'tank', depth: 1, properties: ['mountpoint'] }, there, ability),
    { stdout },
    { stdout: '{}' },
    json(one('tank', 'FILESYSTEM', { mountpoint: '/a\tb\nc' }, 'LOCAL')),
  )
  assert.equal(first.commands.slice(1), ['version -j', 'get -j -p -t filesystem,volume -d 1 mountpoint tank'])
  assert.equal(
    first.result.map(({ name, type, properties }) => [name, type, properties.mountpoint?.value]),
    [['tank', 'filesystem', '/a\tb\nc']],
  )
  assert.is(play(list({ properties: ['mountpoint'] }, there, ability), { stdout }, json({})).commands.length, 2)
})

test('a text in which a value may imitate rows is never believed where there is JSON', () => {
  const rows = (...each: string[]) => ({ stdout: ['tank\ttype\t-\tfilesystem', ...each, ''].join('\n') })
  const unsafe = ['mountpoint', 'sharenfs', 'sharesmb', 'keylocation', 'a:b', 'a_newer_one']
  for (const property of unsafe) {
    const row = `tank\t${property}\tlocal\tx`
    for (const answer of [rows(row, ''), rows(row, 'y'), rows(row, row), rows(row, 'tank\ttype\t-\tvolume', row)]) {
      const { commands } = play(list({ properties: [property] }, there, { json: true }), answer, json({}))
      assert.ok(commands[1]?.startsWith('get -j '), property)
    }
    assert.is(play(list({ properties: [property] }, there, { json: true }), rows(row)).commands.length, 1)
  }
  const { commands } = play(list({ properties: ['all'] }, there, { json: true }), rows(), json({}))
  assert.ok(commands[1]?.startsWith('get -j '))
})

test('names and numbers are asked for as text, and older versions for nothing else', () => {
  const ability: Ability = { json: true }
  const names = play(list({ root: 'tank' }, there, ability), { stdout: 'tank\tfilesystem\ntank/v\tvolume\n' })
  assert.equal(names.commands, ['list -H -p -t filesystem,volume -r -o name,type tank'])
  assert.equal(
    names.result.map(({ name, type }) => [name, type]),
    [
      ['tank', 'filesystem'],
      ['tank/v', 'volume'],
    ],
  )
  const snapshots = play(
    list({ types: ['snapshot', 'bookmark', 'volume'], properties: ['guid', 'type', 'clones'] }, there, ability),
    { stdout: 'tank/v\t1\t-\ntank/v@x\t2\ttank/c,tank/d\ntank/v#x\t3\t-\n' },
  )
  // Without the type, for which a snapshot would have to be opened.
  assert.equal(snapshots.commands, ['list -H -p -t snapshot,bookmark,volume -r -o name,guid,clones'])
  assert.equal(
    snapshots.result.map(({ type, properties }) => [type, ...Object.values(properties).map(({ value }) => value)]),
    [
      ['volume', 1n, 'volume', null],
      ['snapshot', 2n, 'snapshot', ['tank/c', 'tank/d']],
      ['bookmark', 3n, 'bookmark', null],
    ],
  )
  const every = list({ properties: ['all'] }, there, {})
  const old = play(every, { stdout: 'tank\ttype\t-\tfilesystem\ntank\ta:b\tlocal\tx\ny\n' }, { exitCode: 2 })
  assert.equal(old.commands, ['get -H -p -t filesystem,volume -r -o name,property,source,value all', 'version -j'])
  assert.is(old.result[0]?.properties['a:b']?.value, 'x\ny')
  const stdout = '-\ttank\n-\tfilesystem\ndefault\t0\n'
  const properties = play(get('tank', ['quota'], there, ability), { stdout })
  assert.equal(properties.commands, [
    'get -H -p -t filesystem,volume,snapshot,bookmark -d 0 -o source,value name,type,quota tank',
  ])
  assert.equal({ ...properties.result.properties }, { quota: { value: 0n, source: 'default' } })
})

test('plain values come in lines without names, and what else is printed is no answer', async () => {
  const ability: Ability = { json: true }
  const asked = { properties: ['atime', 'name', 'recsize'], types: ['filesystem', 'snapshot'] } as const
  const lines =
    '-\ttank/a\n-\tfilesystem\ninherited from tank\toff\nlocal\t4096\n-\ttank/a@x\n-\tsnapshot\n-\t-\n-\t-\n'
  const { result, commands } = play(list(asked, there, ability), { stdout: lines })
  assert.equal(commands, ['get -H -p -t filesystem,snapshot -r -o source,value name,type,atime,recordsize'])
  const shown = result.map(({ name, type, properties }) => [name, type, { ...properties }])
  assert.equal(shown, [
    [
      'tank/a',
      'filesystem',
      {
        atime: { value: false, source: 'inherited', from: 'tank' },
        name: { value: 'tank/a', source: 'none' },
        recsize: { value: 4096n, source: 'local' },
      },
    ],
    [
      'tank/a@x',
      'snapshot',
      {
        atime: { value: null, source: 'none' },
        name: { value: 'tank/a@x', source: 'none' },
        recsize: { value: null, source: 'none' },
      },
    ],
  ])
  const cut = lines.slice(0, lines.indexOf('local'))
  for (const [properties, stdout] of [
    [asked.properties, cut],
    [asked.properties, lines.replace('local\t', '')],
    [['used'], 'tank/a\n'],
    [['used'], 'tank/a\tfilesystem\t1\t2\n'],
  ] as const) {
    const answer = (): unknown => play(list({ ...asked, properties }, there, ability), { stdout })
    assert.instance(await thrown(answer), OutputNotUnderstood)
  }
})

test('texts are read from a table, of which JSON is the judge where values have line breaks', () => {
  const ability: Ability = { json: true }
  const head = 'tank\ttype\t-\tfilesystem\ntank\ta:b\tlocal\t'
  const clear = play(get('tank', ['a:b'], there, ability), { stdout: `${head}\u{1f389} ok\n` })
  assert.equal(clear.result.properties['a:b'], { value: '\u{1f389} ok', source: 'local' })
  assert.is(clear.commands.length, 1)

  // It imitates rows; and OpenZFS's JSON has lost what is beyond U+FFFF.
  const value = '\u{1f389}one\ntank\ttype\t-\tfilesystem\ntank\ta:b\tlocal\ttwo\u{1f389}'
  const lost = value.replaceAll('\u{1f389}', '')
  const judged = json(one('tank', 'FILESYSTEM', { 'a:b': lost }, 'LOCAL'))
  for (const properties of [['a:b'], ['all']]) {
    const stdout = properties[0] === 'all' ? `${head.slice(head.indexOf('\n') + 1)}${value}\n` : `${head}${value}\n`
    const { result } = play(get('tank', properties, there, ability), { stdout }, judged)
    assert.equal(result.properties['a:b'], { value, source: 'local' })
  }

  const cut = { stdout: '{"datasets":{"tank":{"name":"tank","properties":{"a:b":{"value":"bad' }
  const bad = play(get('tank', ['a:b'], there, ability), { stdout: `${head}bad\ufffd\nbyte\n` }, cut)
  assert.equal(bad.result.properties['a:b'], { value: 'bad\ufffd\nbyte', source: 'local' })
})

test('where there is no JSON, no value can imitate the rows of others', async () => {
  const values = ['x\ntank\ta:b\tlocal\tother\ntank/a\ttype\t-\tfilesystem\ntank/a\ta:b\tlocal\tfalse\n', '\n\n', '-']
  const rows = ['tank', 'tank/a', 'tank/b'].map((name, n): [string, Record<string, string>] => {
    return [name, { type: 'filesystem', 'a:b': values[n] as string, quota: '0' }]
  })
  const printed = (columns: readonly string[]): string => {
    const line = (name: string, property: string, value?: string) =>
      `${name}\t${property}\t${value === undefined ? '-' : 'local'}\t${value ?? '-'}\n`
    return rows.flatMap(([name, has]) => columns.map((column) => line(name, column, has[column]))).join('')
  }
  const asking = list({ properties: ['a:b', 'quota'] }, there, { json: false })
  let step = asking.next()
  for (; !step.done; step = asking.next({ stdout: printed(columns(step.value)), stderr: '', exitCode: 0 }));
  assert.equal(
    step.value.map(({ name, properties }) => [name, properties['a:b']?.value, properties.quota?.value]),
    rows.map(([name, has]) => [name, has['a:b'], 0n]),
  )
  const cut = list({ properties: ['a:b'] }, there, { json: false })
  const first = cut.next().value as readonly string[]
  const second = cut.next({ stdout: printed(columns(first)), stderr: '', exitCode: 0 }).value as readonly string[]
  const stdout = printed(columns(second)).slice(0, -40)
  assert.instance(await thrown(() => cut.next({ stdout, stderr: '', exitCode: 0 })), OutputNotUnderstood)
})

/** The columns that a command of `zfs get` asks for. */
const columns = (args: readonly string[]): string[] => (args[args.indexOf('-o') + 2] as string).split(',')

test('sources are told apart, in both forms', () => {
  const stdout = [
    'type\t-\tfilesystem',
    'a\tlocal\t1',
    'b\tdefault\t2',
    'c\treceived\t3',
    'd\ttemporary\t4',
    'e\tinherited from tank/x y\t5',
  ]
  const lines = stdout.map((line) => `tank/a\t${line}\n`).join('')
  const [table] = parseTable(lines, ['type', 'a', 'b', 'c', 'd', 'e'])
  const source = (type: string, data = '-') => ({ type, data })
  const properties = {
    type: { value: 'filesystem', source: source('NONE') },
    a: { value: '1', source: source('LOCAL') },
    b: { value: '2', source: source('DEFAULT') },
    c: { value: '3', source: source('RECEIVED') },
    d: { value: '4', source: source('TEMPORARY') },
    e: { value: '5', source: source('INHERITED', 'tank/x y') },
  }
  const [parsed] =
    parseJson(JSON.stringify({ datasets: { 'tank/a': { name: 'tank/a', type: 'FILESYSTEM', properties } } })) ?? []
  assert.equal({ ...table?.properties }, { ...parsed?.properties })
  assert.equal(table?.properties.e, { value: '5', source: 'inherited', from: 'tank/x y' })
})

test('values over several lines, with tabs, stay whole in a table', () => {
  const value = 'one\ttab\n\ntank/a\tquota\tlocal\n  last '
  const stdout = `tank/a\ttype\t-\tfilesystem\ntank/a\ta:b\tlocal\t${value}\ntank/a\tquota\t-\t0\ntank/b\ttype\t-\tvolume\ntank/b\ta:b\t-\t-\ntank/b\tquota\t-\t-\n`
  const datasets = parseTable(stdout, ['type', 'a:b', 'quota'])
  assert.equal(
    datasets.map(({ name, type }) => [name, type]),
    [
      ['tank/a', 'filesystem'],
      ['tank/b', 'volume'],
    ],
  )
  assert.is(datasets[0]?.properties['a:b']?.value, value)
  assert.is(datasets[0]?.properties.quota?.value, '0')
})

test('no name or property becomes an option', async () => {
  const wrong: (() => unknown)[] = ['-r', '--help', 'tank -r', '', 'tank\0'].flatMap((name) => [
    () => play(list({ root: name === 'tank -r' ? '-tank' : name }, there, {})),
    () => play(set(name === 'tank -r' ? '-tank' : name, { a: 'b' }, there)),
    () => play(mount(name === 'tank -r' ? '-tank' : name, there, {})),
    () => play(unmount(name === 'tank -r' ? '-tank' : name, true, there, {})),
  ])
  for (const call of wrong) assert.instance(await thrown(call), NameInvalid)
  for (const property of ['-o', '', 'a b', 'a,b', 'A', 'a=b', 'a\0', '-a:b', 'x'.repeat(256), 'toString()']) {
    assert.instance(await thrown(() => play(get('tank', [property], there, {}))), PropertyInvalid)
    assert.instance(await thrown(() => play(set('tank', { [property]: 'x' }, there))), PropertyInvalid)
    assert.instance(await thrown(() => play(inherit('tank', property, there))), PropertyInvalid)
  }
  assert.instance(await thrown(() => play(list({ types: ['all' as 'volume'] }, there, {}))), PropertyInvalid)
  assert.instance(await thrown(() => play(list({ types: [] }, there, {}))), PropertyInvalid)
  for (const depth of [-1, 1.5, Number.NaN]) {
    assert.instance(await thrown(() => play(list({ depth }, there, {}))), PropertyInvalid)
  }
  assert.equal(play(set('tank', { 'a:b': '-x', 'userquota@joe b': '1' }, there), {}).commands, [
    'set a:b=-x userquota@joe b=1 tank',
  ])
})

test('failures become errors: by what exists, by the exit status, last by the text', async () => {
  const ability: Ability = { json: true }
  const failure = async <R>(
    program: Program<R>,
    ...answers: Partial<CommandResult>[]
  ): Promise<Error & { details: Record<string, unknown> }> => thrown(() => play(program, ...answers))
  const usage = { exitCode: 2, stderr: "bad property list: invalid property 'nosuch'\nusage: …" }
  const invalid = await failure(get('tank', ['used', 'nosuch'], there, ability), usage)
  assert.instance(invalid, PropertyInvalid)
  assert.is(invalid.details.property, 'nosuch')
  assert.instance(await failure(get('tank', [], nowhere, ability), { exitCode: 1 }), FilesystemNotFound)
  const bookmark = { exitCode: 1, stderr: "cannot open 'tank#b': dataset does not exist" }
  assert.instance(await failure(get('tank#b', [], nowhere, ability), bookmark), DatasetNotFound)
  const unmarked = { exitCode: 1, stderr: "cannot open 'tank#b': no such pool or dataset" }
  assert.instance(await failure(get('tank#b', [], there, ability), unmarked), DatasetNotFound)
  const other = await failure(list({}, there, ability), { exitCode: 1, stderr: 'internal error' })
  assert.instance(other, ZFSCommandFailed)
  assert.equal(other.details.command, ['zfs', 'list', '-H', '-p', '-t', 'filesystem,volume', '-r', '-o', 'name,type'])
  assert.is(other.details.stderr, 'internal error')
  const denied = { exitCode: 255, stderr: "cannot set property for 'tank': permission denied" }
  assert.instance(await failure(set('tank', { atime: 'off' }, there), denied), PermissionDenied)
  const remount = { exitCode: 255, stderr: "cannot mount 'tank': directory is not empty" }
  assert.instance(await failure(set('tank', { mountpoint: '/x' }, there), remount), ZFSCommandFailed)
  assert.instance(await failure(set('tank', {}, nowhere)), FilesystemNotFound)
})

test('mount and unmount look at the state only when the command failed', async () => {
  const ability: Ability = { json: true }
  const no = { exitCode: 1, stderr: 'filesystem already mounted' }
  const state = ({ mounted }: { mounted: string }) => ({
    stdout: `type\t-\tfilesystem,mounted\t-\t${mounted},mountpoint\tdefault\t/tank/a,canmount\tdefault\ton`
      .split(',')
      .map((row) => `tank/a\t${row}\n`)
      .join(''),
  })
  assert.equal(play(mount('tank/a', there, ability), {}).commands, ['mount tank/a'])
  assert.is(play(mount('tank/a', there, ability), no, state({ mounted: 'yes' })).commands.length, 2)
  assert.equal(play(unmount('tank/a', true, there, ability), {}).commands, ['unmount -f tank/a'])
  assert.is(play(unmount('tank/a', false, there, ability), no, state({ mounted: 'no' })).commands.length, 2)
  const busy = { exitCode: 1, stderr: "cannot unmount '/x': pool or dataset is busy" }
  const error = await thrown(() => play(unmount('tank/a', false, there, ability), busy, state({ mounted: 'yes' })))
  assert.instance(error, DatasetBusy, inspect(error))
})

test('a command that could not be run, or was ended, says so', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-command-'))
  const path = process.env.PATH
  try {
    writeFileSync(join(directory, 'zfs'), '#!/bin/sh\nkill -9 $$\n', { mode: 0o755 })
    process.env.PATH = `${directory}:${path}`
    const ask = function* (word: string): Program<string> {
      return (yield [word]).stderr
    }
    for (const [word, said] of [
      ['x'.repeat(4_000_000), /E2BIG/],
      ['list', /SIGKILL/],
    ] as const) {
      assert.match(await run(ask(word)), said)
      assert.match(runSync(ask(word)), said)
    }
  } finally {
    process.env.PATH = path
    rmSync(directory, { recursive: true })
  }
})

test.run()
