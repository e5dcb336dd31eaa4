import { propertyGroups } from '../../packages/jail/src/config/properties/index.ts'
import { macProperty } from '../../packages/jail/src/config/properties/network.ts'
import type { PropertyRow } from '../../packages/jail/src/config/properties/row.ts'
import { generated } from './source.ts'

type Row = PropertyRow<unknown>

const platforms = ['freebsd', 'linux', 'embedded'] as const

/** docs/properties.md: every property of a jail. */
export function propertiesPage(): string {
  const reasons: string[] = []
  const sections = Object.entries(propertyGroups).map(([title, rows]) => {
    const all = Object.entries(rows as Record<string, Row>)
    if (title === 'Network') all.push(['<interface>_mac', macProperty as Row])
    const lines = all.map(([name, row]) => line(name, row, reasons)).join('\n')
    return `## ${title}\n\n| property | values | default | what it is | applied by | freebsd | linux | embedded |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n${lines}`
  })
  return `${generated}

# Properties of a jail

\`jail.set({ securelevel: 3 })\` sets, \`jail.get('securelevel')\` gives the value in force: what was set for the jail, else the host's
default (\`host.defaults\`), else the default below. \`user.*\` is yours: any names, and values that stay as they are. \`id\`, \`name\`
and \`uuid\` are the jail's name. A parameter of jail(8) is also known by its own name: \`allow.raw_sockets\` is \`allow_raw_sockets\`.

No property is accepted and then ignored. Where a platform does not honour one, the number says why, and a value that asks for
something is refused with \`JAIL_PROPERTY_NOT_HONOURED\`: when it is set, and at the latest at the start. A default never fails.
What files of iocage say, and names that nobody knows, are kept and written back as they were; a start warns of them.
On linux the values of parameters are looked at one by one: [what it can give](platform-linux.md). On embedded they are recorded.

A configuration is \`config.json\`, or ZFS properties \`org.freebsd.iocage:*\` of the jail's dataset, or the UCL file \`config\`: the first of
them that is there. [A JSON Schema](config.schema.json) describes the first. Defaults are \`defaults.json\`, ZFS properties of \`.defaults\`, or
\`defaults\`, in the root dataset.

${sections.join('\n\n')}

## Why not

${reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n')}
`
}

function line(name: string, row: Row, reasons: string[]): string {
  const honoured = platforms.map((platform) => {
    const reason = row.honouredBy[platform]
    if (reason === true) return 'yes'
    if (!reasons.includes(reason)) reasons.push(reason)
    return `no (${reasons.indexOf(reason) + 1})`
  })
  const applied = row.parameter ? `parameter \`${row.parameter}\`` : (row.applied ?? '')
  const written = row.type.format(row.default)
  const cells = [`\`${name}\``, row.type.name, `\`${written}\``, row.about, applied, ...honoured]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** docs/config.schema.json: what a config.json may hold. Names that are not in it are kept. */
export function configSchema(): string {
  const rows = Object.values(propertyGroups).flatMap((group) => Object.entries(group as Record<string, Row>))
  const root = object()
  for (const [name, row] of rows.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = name.split('.')
    const last = path.pop() as string
    const parent = path.reduce((at, key) => {
      at.properties[key] ??= object()
      return at.properties[key] as ObjectSchema
    }, root)
    parent.properties[last] = { description: row.about, default: row.type.format(row.default), ...schemaOf(row) }
  }
  for (const name of ['id', 'name', 'uuid']) {
    root.properties[name] = { description: "the jail's name, as its dataset says it", type: 'string' }
  }
  root.properties.user = { description: 'whatever users keep', type: 'object' }
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'config.json of a jail',
    ...root,
    patternProperties: { '^[A-Za-z][A-Za-z0-9.-]*_mac$': schemaOf(macProperty as Row) },
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Record<string, unknown>
}

function object(): ObjectSchema {
  return { type: 'object', properties: {} }
}

/** Every property may be written as one of the words for none, which is no value. */
function schemaOf({ type }: Row): object {
  return { anyOf: [type.schema, { type: 'null' }, { enum: ['none', '-', ''] }] }
}
