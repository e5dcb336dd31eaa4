import { type ClassPage, classPage, isMember, ourName, parts, type Row } from '../../test/jail/class-page.ts'
import { renamedErrors } from './parity-rows.ts'
import { generated } from './source.ts'

/** How objects of the classes are called in the lines below. */
const variables: Readonly<Record<string, string>> = {
  Resource: 'resource',
  LaunchableResource: 'resource',
  JailResource: 'resource',
  Jail: 'jail',
  Snapshots: 'jail.snapshots',
  Jails: 'jails',
  Release: 'release',
  Releases: 'releases',
  Distribution: 'distribution',
  Host: 'host',
  Datasets: 'host.datasets',
  RootDatasets: 'host.datasets.main',
  Terms: 'terms',
  Term: 'term',
  ResourceSelector: 'selector',
  Config: 'jail.config',
  DefaultResource: 'host.defaults',
  Fstab: 'fstab',
  JailFstab: 'jail.fstab',
}

/** Lines of the command `ioc`, and what a program calls: of the faces that block. A test compiles them. */
export const commands: readonly (readonly [ioc: string, call: string])[] = [
  ['ioc activate tank', '`host.activate("tank")`'],
  ['ioc deactivate tank', '`host.deactivate()`'],
  ['ioc fetch -r 14.3-RELEASE', '`new Release("14.3-RELEASE").fetch()`'],
  [
    'ioc create -r 14.3-RELEASE web ip4_addr="em0\\|192.0.2.7/24"',
    '`new Jail("web").create("14.3-RELEASE", { properties: { ip4_addr: "em0\\|192.0.2.7/24" } })`',
  ],
  ['ioc create -t base web', '`new Jail("web").createFromTemplate(new Jail("base"))`'],
  ['ioc create -e web', '`new Jail("web").createFromScratch()`'],
  ['ioc list -o name,running', '`new Jails().rows(["name", "running"])`'],
  ['ioc list -r', '`new Releases()`'],
  ['ioc list -r -R', '`host.distribution.releases()`'],
  ['ioc start web*', '`for (const jail of new Jails("web*")) jail.start()`'],
  ['ioc stop -f web', '`jail.stop({ force: true })`'],
  ['ioc restart -s web', '`jail.restart({ shutdown: true })`'],
  ['ioc exec web -- /bin/hostname', '`jail.exec(["/bin/hostname"])`'],
  ['ioc exec -f web -- "make test"', '`jail.forkExec("make test")`'],
  ['ioc console web', '`jail.execConsole()`'],
  ['ioc get boot web', '`jail.get("boot")`'],
  ['ioc set boot=yes web', '`jail.set({ boot: "yes" })`'],
  ['ioc set boot web', '`jail.set({ boot: undefined })`'],
  ['ioc set boot=yes defaults', '`host.defaults.set({ boot: "yes" })`'],
  ['ioc snapshot create web@before', '`jail.snapshots.create("before")`'],
  ['ioc snapshot rollback -f web@before', '`jail.snapshots.rollback("before", { force: true })`'],
  ['ioc fstab add /srv/www /www web', '`jail.fstab.addLine({ source: "/srv/www", destination: "/www" })`'],
  ['ioc clone web copy', '`new Jail("copy").cloneFromJail(new Jail("web"))`'],
  ['ioc promote copy', '`jail.promote()`'],
  ['ioc rename web front', '`jail.rename("front")`'],
  ['ioc destroy -f web', '`jail.destroy({ force: true })`'],
  ['ioc destroy -r 14.3-RELEASE', '`new Release("14.3-RELEASE").destroy()`'],
]

/** docs/rosetta-libioc.md: libioc's names beside ours. */
export function rosettaPage(): string {
  const sections = Object.entries<ClassPage>(classPage)
    .filter(([page, { members }]) => variables[page] && Object.values<Row>(members).some(isMember))
    .map(([page, { about, members }]) => {
      const variable = variables[page] as string
      const rows = Object.entries(members).map(
        ([libioc, row]) => `| \`${theirs(libioc, row)}\` | ${ours(variable, libioc, row)} |`,
      )
      return `### ${page}: ${about}\n\n| libioc | Gaoler |\n| --- | --- |\n${rows.join('\n')}`
    })
  const renamed = Object.entries(renamedErrors).map(([libioc, name]) => `\`${libioc}\` is \`${name}\``)
  return `${generated}

# From libioc to Gaoler

Names are libioc's in camelCase; options that were keyword arguments are one object, last. Two faces have the same members: \`Jail\`
blocks and returns the events, \`JailGenerator\` is to be iterated or drained (\`drain\` gives its result, \`collect\` its events).

\`\`\`python
jail = libioc.Jail.JailGenerator("web")
for event in jail.start(quick=True):
    print(event.type, event.done)
\`\`\`

\`\`\`ts
import { JailGenerator } from '@gaoler/jail'

const jail = new JailGenerator('web')
for await (const event of jail.start({ quick: true })) console.log(event.type, event.state)
\`\`\`

- **Events** have libioc's names ([events.md](events.md)). Each is a frozen snapshot of its own with a \`state\`: nothing is changed later.
- **Errors** have libioc's names ([errors.md](errors.md)), with \`code\` and \`details\`; ${renamed.join(', ')}. An operation that
  fails throws, after it has undone what it did.
- **Properties** have libioc's and iocage's names ([properties.md](properties.md)): \`jail.config.get('boot')\` is \`true\`, \`jail.getstring('boot')\` is \`yes\`.
- **Datasets, config.json, fstab** are libioc's: hosts of it and of iocage are used as they are.

## Commands

| ioc | a program |
| --- | --- |
${commands.map(([ioc, call]) => `| \`${ioc}\` | ${call} |`).join('\n')}

## Classes

What is not here, and why, is in [parity.md](parity.md) too, with the test of everything that is.

${sections.join('\n\n')}
`
}

/** The call in Python, with its keyword arguments. */
function theirs(libioc: string, { takes, options = [], operation }: Row): string {
  if (takes === undefined && options.length === 0 && !operation) return libioc
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return `${libioc}(${[...(takes ?? []), ...options].map(snake).join(', ')})`
}

function ours(variable: string, libioc: string, row: Row): string {
  if (row.later) return `not yet: ${parts[row.later]}`
  if (row.differently) return row.differently
  const { takes, options = [], but } = row
  const given = options.length > 0 ? [`{ ${options.join(', ')} }`] : []
  const name = `${variable}.${ourName(libioc, row)}`
  const isCall = takes !== undefined || options.length > 0 || row.operation
  const call = isCall ? `${name}(${[...(takes ?? []), ...given].join(', ')})` : name
  return but ? `\`${call}\`; ${but}` : `\`${call}\``
}
