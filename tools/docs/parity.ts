import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { properties } from '../../packages/jail/src/config/properties/index.ts'
import { type ClassPage, classPage, isMember, ourName, parts, type Row } from '../../test/jail/class-page.ts'
import { readErrors } from './errors.ts'
import { readKinds } from './events.ts'
import {
  configProperties,
  errors,
  eventMembers,
  events,
  helpers,
  type Reason,
  renamedErrors,
  silentEvents,
  unthrownErrors,
} from './parity-rows.ts'
import { generated, sources } from './source.ts'

const root = resolve(import.meta.dirname, '../..')

interface Text {
  readonly path: string
  readonly text: string
}

/** A row of the page: what libioc calls it, how it stands, and the test that shows it. */
type Line = readonly [libioc: string, state: string, test: string]

/** docs/parity.md: every member, event, error and property of libioc, and how each stands. */
export function parityPage(): string {
  const tests = [
    'test/conformance/jail*.ts',
    'test/jail/*.test.ts',
    'test/jail/*.ts',
    'test/core/*.test.ts',
    'test/zfs/*.test.ts',
    'test/conformance/*.ts',
  ].flatMap((pattern) => sources(pattern))
  const sections = [
    ['Members', ['class', 'member', 'state', 'test'], memberRows()],
    ['Events', ['event', 'state', 'test'], eventRows(tests)],
    [
      'What an event has',
      ['libioc', 'here', 'test'],
      eventMembers.map(([libioc, here, test]) => [libioc, here, link(test)]),
    ],
    ['Errors', ['error', 'state', 'test'], errorRows(tests)],
    // Properties of ZFS have some of the names.
    ['Properties', ['property', 'state', 'test'], propertyRows(tests.filter(({ path }) => path.includes('jail')))],
    [
      'Helpers',
      ['libioc', 'here', 'test'],
      helpers.map(([libioc, here, test]) => [libioc, because(here), test && link(test)]),
    ],
  ] as const
  return `${generated}

# Beside libioc

What libioc has, and how each stands here. _Done_ is as in libioc, under its own name in camelCase. Its names
beside ours are in [rosetta-libioc.md](rosetta-libioc.md); where it is weak, [tests show](../test/jail/weaknesses.ts) that this is not.

${sections.map(([title, head, rows]) => `## ${title}\n\n${table(head, rows)}`).join('\n\n')}
`
}

/** The test that calls a member, among those of its class. Throws when there is none. */
function memberRows(): string[][] {
  return Object.entries<ClassPage>(classPage).flatMap(([page, { members, tests }]) =>
    Object.entries(members).map(([libioc, row]) => [
      page,
      `\`${libioc}\``,
      stateOf(libioc, row),
      memberTest(page, libioc, row, tests),
    ]),
  )
}

function stateOf(libioc: string, row: Row): string {
  if (row.later) return because(row.later)
  if (row.differently) return `differently: ${row.differently}`
  const name = row.as && row.as !== libioc ? `: \`${row.as}\`` : ''
  return row.but ? `done${name}; ${row.but}` : `done${name}`
}

function memberTest(page: string, libioc: string, row: Row, tests: readonly string[]): string {
  if (!isMember(row)) return ''
  const name = ourName(libioc, row)
  const called = new RegExp(`[.\\]!]\\??\\.?${name}\\b|\\b${name} \\}|\\{ ${name}\\b`)
  const found = tests.find((path) => called.test(readFileSync(resolve(root, path), 'utf8')))
  if (!found) throw new Error(`no test of ${page} calls ${name}: ${tests}`)
  return link(found)
}

function eventRows(tests: readonly Text[]): Line[] {
  const kinds = [...readKinds().values()].flat()
  const code = sources('packages/{core,zfs,jail}/src/**/*.ts').filter(
    ({ path }) => !/\/catalogue\/|\/config\/properties\//.test(path),
  )
  const traces = sources('test/golden/embedded/*.txt')
  return events.map((name): Line => {
    const isBase = name === 'IocEvent' || kinds.some(({ parents }) => parents.includes(name))
    const emitted = code.some(({ text }) => text.includes(`'${name}'`))
    const reason = silentEvents[name]
    if (emitted && reason) throw new Error(`${name} is emitted: it needs no reason`)
    if (!emitted && !isBase && !reason) throw new Error(`${name} is emitted by nothing: say why in parity-rows.ts`)
    if (reason) return [`\`${name}\``, because(reason), '']
    const shown =
      traces.find(({ text }) => new RegExp(`\\b${name}:`).test(text)) ??
      tests.find(({ text }) => new RegExp(`\\b${name}\\b`).test(text))
    if (emitted && !shown) throw new Error(`no test has the event ${name}`)
    return [
      `\`${name}\``,
      emitted ? 'done' : 'done: a base of others',
      link(shown?.path ?? 'test/core/catalogue.test.ts'),
    ]
  })
}

function errorRows(tests: readonly Text[]): Line[] {
  const classes = readErrors()
  const code = sources('packages/{core,zfs,jail}/src/**/*.ts')
  const thrown = (name: string): boolean =>
    code.some(({ text }) =>
      new RegExp(`\\bnew ${name}\\(|[?:] ${name}$|\\b${name}[,)}\\]]`, 'm').test(withoutRegistry(text)),
    )
  return errors.map((libioc): Line => {
    const name = renamedErrors[libioc] ?? libioc
    const found = classes.find((each) => each.name === name)
    if (!found && name !== 'IocError') throw new Error(`there is no class ${name}`)
    const isBase = name === 'IocError' || classes.some(({ base }) => base === name)
    const reason = unthrownErrors[libioc]
    const used = thrown(name)
    if (used && reason) throw new Error(`${name} is thrown: it needs no reason`)
    if (!used && !isBase && !reason) throw new Error(`${name} is thrown by nothing: say why in parity-rows.ts`)
    if (reason) return [`\`${libioc}\``, because(reason), '']
    const shown = tests.find(({ text }) => new RegExp(`\\b${name}\\b|'${found?.code}'`).test(text))
    const state = name === libioc ? 'done' : `done: \`${name}\``
    return [
      `\`${libioc}\``,
      isBase && !used ? `${state}, a base of others` : state,
      link(shown?.path ?? 'test/core/error-catalogue.test.ts'),
    ]
  })
}

/** Without what every class of errors stands in: imports, exports, the registry. */
function withoutRegistry(text: string): string {
  return text
    .replace(/^(?:import|export) (?:type )?\{[\s\S]*?\} from .*$/gm, '')
    .replace(/registerErrors\(\{[\s\S]*?\}\)/g, '')
}

function propertyRows(tests: readonly Text[]): Line[] {
  return configProperties.map((name): Line => {
    const row = (properties as Readonly<Record<string, { honouredBy: Readonly<Record<string, true | string>> }>>)[name]
    if (!row && name !== 'id') throw new Error(`there is no property ${name}`)
    const without = Object.entries(row?.honouredBy ?? {}).filter(([, honoured]) => honoured !== true)
    const reasons = [...new Set(without.map(([, reason]) => reason))]
    const [first = ''] = reasons
    const on = without.map(([platform]) => platform)
    const state =
      without.length === 0
        ? 'done'
        : `${on.length === 3 ? 'refused when it is set' : `refused on ${on.join(', ')}`}: ${first}`
    const shown = tests.find(({ text }) => new RegExp(`\\b${name}\\b\\W*:|['"]${name}['"=]`).test(text))
    return [`\`${name}\``, state, link(shown?.path ?? 'test/jail/config-values.test.ts')]
  })
}

function because(reason: Reason): string {
  return Object.hasOwn(parts, reason) ? `not yet: ${parts[reason as keyof typeof parts]}` : reason
}

function link(path: string): string {
  return `[${basename(path)}](../${path})`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
