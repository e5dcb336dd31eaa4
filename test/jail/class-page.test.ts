import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as jail from '@gaoler/jail'
import { parityPage } from '../../tools/docs/parity.ts'
import { rosettaPage } from '../../tools/docs/rosetta.ts'
import { assert, suite } from '../harness.ts'
import { type ClassPage, classPage, isMember, ourName, parts, type Row } from './class-page.ts'

// Options of methods and constructors are types: test/types/class-page.ts compares them.
const test = suite('jail/class-page')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-class-page-'))

test.after(() => rmSync(directory, { recursive: true, force: true }))

/** One object of each class; nothing of it is on a disk. */
function instances(): Readonly<Record<string, object>> {
  const host = jail.Host.open({ platform: 'embedded', directory })
  const web = new jail.Jail('web', { host })
  const asynchronous = new jail.JailGenerator('web', { host })
  const all = [
    ...[host, web, asynchronous, web.snapshots, asynchronous.snapshots, web.fstab, asynchronous.fstab],
    ...[jail.HostGenerator.open({ platform: 'embedded', directory }), new jail.JailResource({ jail: web })],
    ...[new jail.Jails(null, { host }), new jail.JailsGenerator(null, { host })],
    ...[new jail.Release('14.3-RELEASE', { host }), new jail.ReleaseGenerator('14.3-RELEASE', { host })],
    ...[new jail.Releases(null, { host }), new jail.ReleasesGenerator(null, { host })],
    ...[new jail.Distribution({ host }), new jail.DistributionGenerator({ host })],
    ...[
      host.datasets,
      host.datasets.main,
      host.defaults,
      new jail.DefaultResourceGenerator(host),
      new jail.JailConfig('web'),
      new jail.Fstab('fstab'),
    ],
    ...[new jail.Terms(), new jail.Term('name', 'web'), new jail.ResourceSelector('web')],
  ]
  return Object.fromEntries(all.map((each) => [each.constructor.name, each]))
}

/** The names of a method's parameters before its options, from its text: types are blanks there. */
function parameters(method: object): string[] {
  const text = String(method)
  const found: string[] = ['']
  let depth = 1
  for (const character of text.slice(text.indexOf('(') + 1)) {
    if (')}]'.includes(character)) depth--
    if (depth === 0) break
    if (character === ',' && depth === 1) found.push('')
    else found[found.length - 1] += character
    if ('({['.includes(character)) depth++
  }
  return found.map((each) => /^\s*(\w*)/.exec(each)?.[1] ?? '').filter((name) => name !== '' && name !== 'options')
}

const pages: Readonly<Record<string, ClassPage>> = classPage
const rows = Object.entries(pages).flatMap(([page, { classes, members }]) =>
  Object.entries<Row>(members).map(([libioc, row]) => ({ page, classes, libioc, row })),
)

test('every class of the page is there, and each of its members, with the arguments before its options', () => {
  const objects = instances()
  const wrong = rows
    .filter(({ row }) => isMember(row))
    .flatMap(({ classes, libioc, row }) =>
      classes.flatMap((name) => {
        const object = objects[name] as Readonly<Record<string, unknown>> | undefined
        if (!object) return [`${name} is no class`]
        const member = ourName(libioc, row)
        if (!(member in object)) return [`${name} has no ${member}`]
        if (!row.takes) return []
        const method = object[member]
        const taken = typeof method === 'function' ? parameters(method) : ['(it is no method)']
        const as = `${name}.${member} takes ${taken}, not ${row.takes}`
        return String(taken) === String(row.takes) ? [] : [as]
      }),
    )
  assert.is(wrong.join('\n'), '')
})

test('what is not there says why, or which part brings it; and is not there', () => {
  const objects = instances()
  for (const { page, classes, libioc, row } of rows.filter(({ row }) => !isMember(row))) {
    assert.ok((row.later && parts[row.later]) || (row.differently?.length ?? 0) > 10, `${page}.${libioc}`)
    for (const name of classes) {
      assert.not.ok(
        ourName(libioc, row) in (objects[name] as object),
        `${name}.${libioc} is there: say so in the table`,
      )
    }
  }
  for (const { page, libioc, row } of rows.filter(({ classes }) => classes.length === 0)) {
    assert.ok(row.later, `${page}.${libioc}: a class that is not there comes with a part`)
  }
})

test('both faces have the same members', () => {
  const objects = instances()
  const members = (object: object): string[] => {
    const names = new Set(Object.keys(object))
    for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) names.add(name)
    }
    return [...names].sort()
  }
  for (const name of [
    'Jail',
    'Jails',
    'Release',
    'Releases',
    'Host',
    'Distribution',
    'Snapshots',
    'JailFstab',
    'DefaultResource',
  ]) {
    // What blocks can also be counted, and pulled; an array of events can be had from a generator by `collect`.
    const only = name === 'Jail' ? ['iterate'] : ['length']
    const blocking = members(objects[name] as object).filter((member) => !only.includes(member))
    assert.equal(
      blocking.filter((member) => !members(objects[`${name}Generator`] as object).includes(member)),
      [],
      name,
    )
    assert.equal(
      members(objects[`${name}Generator`] as object).filter((member) => !blocking.includes(member)),
      [],
      name,
    )
  }
})

test('docs/parity.md and docs/rosetta-libioc.md are up to date: else run node tools/docs.ts', () => {
  const docs = join(import.meta.dirname, '../../docs')
  assert.snapshot(readFileSync(join(docs, 'parity.md'), 'utf8'), parityPage())
  assert.snapshot(readFileSync(join(docs, 'rosetta-libioc.md'), 'utf8'), rosettaPage())
})

test.run()
