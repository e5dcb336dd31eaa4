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
import { get, list } from '../../packages/zfs/src/command/list.ts'
import { mount, unmount } from '../../packages/zfs/src/command/mount.ts'
import { type CommandResult, type Program, run, runSync } from '../../packages/zfs/src/command/run.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('zfs/command')
const there = (): boolean => true
const nowhere = (): boolean => false

type Answer = Partial<CommandResult> | ((args: readonly string[]) => Partial<CommandResult>)

/** Runs a program against commands whose answers are known; gives its result and the commands that it ran. */
function play<R>(program: Program<R>, ...answers: Answer[]): { result: R; commands: string[] } {
  const commands: string[] = []
  let step = program.next()
  while (!step.done) {
    commands.push(step.value.join(' '))
    const answer = answers.shift()
    if (!answer) throw new Error(`an unexpected command: ${commands.at(-1)}`)
    const given = typeof answer === 'function' ? answer(step.value) : answer
    step = program.next({ stdout: '', stderr: '', exitCode: 0, ...given })
  }
  return { result: step.value, commands }
}

type Cells = Record<string, readonly [source: string, value: string]>

/** What `zfs get -o property,source,value` prints of datasets with these values. */
const printed =
  (datasets: Record<string, Cells>) =>
  (args: readonly string[]): Partial<CommandResult> => {
    const [what, columns = ''] = args.slice(args.indexOf('-o') + 1)
    assert.is(what, 'property,source,value')
    const lines = Object.entries(datasets).flatMap(([name, cells]) => {
      return columns.split(',').map((column) => {
        const [source, value] = column === 'name' ? ['-', name] : (cells[column] ?? ['-', '-'])
        return `${column}\t${source}\t${value}\n`
      })
    })
    return { stdout: lines.join('') }
  }

test('of names and numbers no more is printed than it takes', () => {
  const names = play(list({ root: 'tank' }, there), { stdout: 'tank\tfilesystem\ntank/v\tvolume\n' })
  assert.equal(names.commands, ['list -H -p -t filesystem,volume -r -o name,type tank'])
  assert.equal(
    names.result.map(({ name, type }) => [name, type]),
    [
      ['tank', 'filesystem'],
      ['tank/v', 'volume'],
    ],
  )
  const snapshots = play(
    list({ types: ['snapshot', 'bookmark', 'volume'], properties: ['guid', 'type', 'clones'] }, there),
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
  const stdout = '-\ttank\n-\tfilesystem\ndefault\t0\n'
  const properties = play(get('tank', ['quota'], there), { stdout })
  assert.equal(properties.commands, [
    'get -H -p -t filesystem,volume,snapshot,bookmark -d 0 -o source,value name,type,quota tank',
  ])
  assert.equal({ ...properties.result.properties }, { quota: { value: 0n, source: 'default' } })
})

test('plain values come in lines without names, and what else is printed is no answer', async () => {
  const asked = { properties: ['atime', 'name', 'recsize'], types: ['filesystem', 'snapshot'] } as const
  const lines =
    '-\ttank/a\n-\tfilesystem\ninherited from tank\toff\nlocal\t4096\n-\ttank/a@x\n-\tsnapshot\n-\t-\n-\t-\n'
  const { result, commands } = play(list(asked, there), { stdout: lines })
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
    const answer = (): unknown => play(list({ ...asked, properties }, there), { stdout })
    assert.instance(await thrown(answer), OutputNotUnderstood)
  }
})

test('texts are whole whatever they hold: no value can imitate the line that ends it, nor rows of others', async () => {
  const type = ['-', 'filesystem'] as const
  const quota = ['default', '0'] as const
  const imitation = 'x\nquota\tlocal\t7\nname\t-\ttank/a\ntype\t-\tvolume\na:b\tlocal\tfalse\ngaoler:0\t-\t-\n'
  const values = ['\u{1f389} one\ttab\n\n  last ', imitation, '\n\n', '', '-']
  const names = ['tank', 'tank/a', 'tank/b', 'tank/c', 'tank/d']
  const cells = (value: string): Cells => ({ type, quota, 'a:b': ['local', value] })
  const datasets = Object.fromEntries(names.map((name, n) => [name, cells(values[n] as string)]))
  const asked = { properties: ['a:b', 'quota'] }
  const { result, commands } = play(list(asked, there), printed(datasets))
  assert.equal(
    result.map(({ name, type, properties }) => [name, type, properties['a:b']?.value, properties.quota?.value]),
    names.map((name, n) => [name, 'filesystem', values[n], 0n]),
  )
  // The name of the property that ends it is another one each time.
  assert.match(commands[0] as string, /-o property,source,value name,type,a:b,gaoler:[0-9a-f]{32}\.0,quota$/)
  assert.is.not(play(list(asked, there), printed(datasets)).commands[0], commands[0])
  for (const [from, to] of [
    [-40, undefined],
    [0, 40],
  ] as const) {
    const cut = (args: readonly string[]) => {
      const { stdout = '' } = printed(datasets)(args)
      return { stdout: to === undefined ? stdout.slice(0, from) : stdout.slice(to) }
    }
    assert.instance(await thrown(() => play(list(asked, there), cut)), OutputNotUnderstood)
  }
  for (const property of ['mountpoint', 'sharenfs', 'sharesmb', 'keylocation', 'a:b', 'a_newer_one']) {
    const { commands } = play(list({ properties: [property] }, there), {})
    assert.ok(commands[0]?.includes(` name,type,${property},gaoler:`), property)
  }
})

test('`all` is what the datasets have, each value asked for by its name', () => {
  const has = {
    type: ['-', 'filesystem'],
    'a:b': ['local', 'x\ny'],
    'a:c': ['local', '-'],
    quota: ['default', '0'],
  } as const
  const snapshot = { type: ['-', 'snapshot'], 'a:b': ['inherited from tank', 'x\ny'] } as const
  const every = list({ root: 'tank', properties: ['all', 'used', 'a:d'] }, there)
  const { result, commands } = play(
    every,
    { stdout: 'type\nquota\na:b\na:c\ntype\na:b\n' },
    printed({ tank: has, 'tank@x': snapshot }),
  )
  assert.is(commands[0], 'get -H -t filesystem,volume -r -o property all tank')
  assert.equal(
    result.map(({ name, properties }) => [name, ...Object.entries(properties).map(([key, { value }]) => [key, value])]),
    [
      ['tank', ['type', 'filesystem'], ['quota', 0n], ['a:b', 'x\ny'], ['a:c', '-'], ['used', null], ['a:d', null]],
      ['tank@x', ['type', 'snapshot'], ['a:b', 'x\ny'], ['used', null], ['a:d', null]],
    ],
  )
})

test('sources are told apart', () => {
  const cells: Cells = {
    type: ['-', 'filesystem'],
    'x:a': ['local', '1'],
    'x:b': ['received', '3'],
    'x:c': ['inherited from tank/x y', '5'],
    quota: ['default', '2'],
    atime: ['temporary', 'on'],
  }
  const properties = ['x:a', 'x:b', 'x:c', 'quota', 'atime', 'type']
  const found = play(get('tank/a', properties, there), printed({ 'tank/a': cells })).result.properties
  assert.equal(
    properties.map((property) => [found[property]?.source, found[property]?.from]),
    [
      ['local', undefined],
      ['received', undefined],
      ['inherited', 'tank/x y'],
      ['default', undefined],
      ['temporary', undefined],
      ['none', undefined],
    ],
  )
})

test('no name or property becomes an option', async () => {
  const wrong: (() => unknown)[] = ['-r', '--help', 'tank -r', '', 'tank\0'].flatMap((name) => [
    () => play(list({ root: name === 'tank -r' ? '-tank' : name }, there)),
    () => play(set(name === 'tank -r' ? '-tank' : name, { a: 'b' }, there)),
    () => play(mount(name === 'tank -r' ? '-tank' : name, there)),
    () => play(unmount(name === 'tank -r' ? '-tank' : name, true, there)),
  ])
  for (const call of wrong) assert.instance(await thrown(call), NameInvalid)
  for (const property of ['-o', '', 'a b', 'a,b', 'A', 'a=b', 'a\0', '-a:b', 'x'.repeat(256), 'toString()']) {
    assert.instance(await thrown(() => play(get('tank', [property], there))), PropertyInvalid)
    assert.instance(await thrown(() => play(set('tank', { [property]: 'x' }, there))), PropertyInvalid)
    assert.instance(await thrown(() => play(inherit('tank', property, there))), PropertyInvalid)
  }
  assert.instance(await thrown(() => play(list({ types: ['all' as 'volume'] }, there))), PropertyInvalid)
  assert.instance(await thrown(() => play(list({ types: [] }, there))), PropertyInvalid)
  for (const depth of [-1, 1.5, Number.NaN]) {
    assert.instance(await thrown(() => play(list({ depth }, there))), PropertyInvalid)
  }
  assert.equal(play(set('tank', { 'a:b': '-x', 'userquota@joe b': '1' }, there), {}).commands, [
    'set a:b=-x userquota@joe b=1 tank',
  ])
})

test('failures become errors: by what exists, by the exit status, last by the text', async () => {
  const failure = async <R>(
    program: Program<R>,
    ...answers: Answer[]
  ): Promise<Error & { details: Record<string, unknown> }> => thrown(() => play(program, ...answers))
  const usage = { exitCode: 2, stderr: "bad property list: invalid property 'nosuch'\nusage: …" }
  const invalid = await failure(get('tank', ['used', 'nosuch'], there), usage)
  assert.instance(invalid, PropertyInvalid)
  assert.is(invalid.details.property, 'nosuch')
  assert.instance(await failure(get('tank', [], nowhere), { exitCode: 1 }), FilesystemNotFound)
  const bookmark = { exitCode: 1, stderr: "cannot open 'tank#b': dataset does not exist" }
  assert.instance(await failure(get('tank#b', [], nowhere), bookmark), DatasetNotFound)
  const unmarked = { exitCode: 1, stderr: "cannot open 'tank#b': no such pool or dataset" }
  assert.instance(await failure(get('tank#b', [], there), unmarked), DatasetNotFound)
  const other = await failure(list({}, there), { exitCode: 1, stderr: 'internal error' })
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
  const no = { exitCode: 1, stderr: 'filesystem already mounted' }
  const state = ({ mounted }: { mounted: string }) =>
    printed({
      'tank/a': {
        type: ['-', 'filesystem'],
        mounted: ['-', mounted],
        mountpoint: ['default', '/tank/a'],
        canmount: ['default', 'on'],
      },
    })
  assert.equal(play(mount('tank/a', there), {}).commands, ['mount tank/a'])
  assert.is(play(mount('tank/a', there), no, state({ mounted: 'yes' })).commands.length, 2)
  assert.equal(play(unmount('tank/a', true, there), {}).commands, ['unmount -f tank/a'])
  assert.is(play(unmount('tank/a', false, there), no, state({ mounted: 'no' })).commands.length, 2)
  const busy = { exitCode: 1, stderr: "cannot unmount '/x': pool or dataset is busy" }
  const error = await thrown(() => play(unmount('tank/a', false, there), busy, state({ mounted: 'yes' })))
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
