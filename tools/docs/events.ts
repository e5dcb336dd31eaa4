import { generated, parseDoc, sources, typeText } from './source.ts'

/** A kind of event as its source tells of it. */
export interface KindDoc {
  readonly name: string
  readonly parents: readonly string[]
  readonly payload: string | null
  readonly text: string
}

const titles: Readonly<Record<string, string>> = {
  jail: 'Jails',
  release: 'Releases',
  resource: 'Jails and releases alike',
  zfs: 'ZFS',
  pkg: 'Packages',
  host: 'Hosts',
  control: 'Around other operations',
}

/** Every kind of the catalogue, by the file of its noun. */
export function readKinds(): ReadonlyMap<string, readonly KindDoc[]> {
  const files = sources('packages/core/src/catalogue/*.ts')
  const nouns = Object.keys(titles).map((noun) => {
    const file = files.find(({ path }) => path.endsWith(`/${noun}.ts`))
    if (!file) throw new Error(`there is no packages/core/src/catalogue/${noun}.ts`)
    return [noun, parseKinds(file.text, file.path)] as const
  })
  return new Map(nouns)
}

function parseKinds(source: string, path: string): KindDoc[] {
  const found = [...source.matchAll(/^ {2}(\/\*\* .+ \*\/)\n {2}(\w+): Kind<([\s\S]*?)>$/gm)]
  const all = source.match(/: Kind</g)?.length
  if (found.length !== all) throw new Error(`${path} has ${all} kinds, and ${found.length} with a line that says what`)
  return found.map(([, comment = '', name = '', given = '']) => {
    const [, parents = '', payload] = /^\s*((?:'\w+'[\s|]*)+)(?:,\s*([\s\S]+))?$/.exec(given) ?? []
    return {
      name,
      parents: [...parents.matchAll(/'(\w+)'/g)].map(([, parent]) => parent as string),
      payload: payload === undefined ? null : typeText(payload),
      text: parseDoc(comment).text,
    }
  })
}

/** docs/events.md. */
export function eventsPage(): string {
  const kinds = readKinds()
  const command = sources('packages/core/src/catalogue/command.ts')[0]?.text ?? ''
  const sections = [...kinds].map(([noun, all]) => `## ${titles[noun]}\n\n${tree(all)}`)
  return `${generated}

# Events

Every kind of event, nested as the kinds derive from each other: \`event.is('VnetEvent')\` is also true of each kind below it.
In braces is what a kind adds to \`event.payload\`; it inherits the payload of the kinds above. A payload is filled while its
event runs, so no part of it is there for certain before \`done\`. What all events have is in
[event.ts](../packages/core/src/event.ts).

An event is \`pending\` once, then \`progress\` any number of times, then \`done\`, \`skipped\` or \`failed\`. What undoes an event has
its kind and payload, \`rollback: true\`, and its id in \`undoes\`. Whatever a body says with \`s.log()\` is in \`payload.log\` of a
\`progress\`. Kinds of your own: see the comment at \`IocEvents\` in [catalogue.ts](../packages/core/src/catalogue.ts).

${sections.join('\n\n')}

## The payload of commands

\`\`\`ts
${command.trim().replace(/^.*?export (?=interface)/s, '')}
\`\`\`
`
}

/** A nested list; a kind with a parent of another noun stands at the top, one with two parents below the one that is here. */
function tree(kinds: readonly KindDoc[]): string {
  const here = new Set(kinds.map(({ name }) => name))
  const home = (kind: KindDoc): string | undefined => kind.parents.find((parent) => here.has(parent))
  const list = (parent: string | undefined, depth: number): string[] =>
    kinds.filter((kind) => home(kind) === parent).flatMap((kind) => [item(kind, depth), ...list(kind.name, depth + 1)])
  const item = (kind: KindDoc, depth: number): string => {
    const elsewhere = kind.parents.filter((parent) => !here.has(parent) && parent !== 'IocEvent')
    const also = elsewhere.length > 0 ? ` Also a ${elsewhere.join(', ')}.` : ''
    return `${'  '.repeat(depth)}- **${kind.name}**${kind.payload ? ` \`${kind.payload}\`` : ''} – ${kind.text}${also}`
  }
  return list(undefined, 0).join('\n')
}
