import { JailDependencyCycle, JailDoesNotExist } from './errors.ts'
import { JailBase } from './jail-base.ts'
import { JailsGenerator } from './jails-generator.ts'

/** A jail that is to be started, and those that must run before it. */
export interface Dependency {
  readonly jail: JailBase
  readonly needs: readonly Dependency[]
}

/**
 * Everything that `jail` depends on, directly or not, each once and behind what it needs itself; among equals by
 * priority. `seen`: full names of the jails whose start has led to this one, itself the last.
 * Throws JailDependencyCycle with its path, JailDoesNotExist for a name that no jail has.
 */
export async function dependencyOrder(jail: JailBase, seen: readonly string[]): Promise<Dependency[]> {
  const found = new Map<string, Dependency>()
  const visit = async (at: JailBase, path: readonly string[]): Promise<Dependency[]> => {
    const needs: Dependency[] = []
    for (const next of await dependenciesOf(at)) {
      const name = next.fullName
      if (path.includes(name)) throw new JailDependencyCycle({ jail: jail.fullName, path: [...path, name] })
      const dependency = found.get(name) ?? { jail: next, needs: await visit(next, [...path, name]) }
      // Set when all that it needs is in the map: so the map's order is one to start in.
      found.set(name, dependency)
      needs.push(dependency)
    }
    return needs
  }
  await visit(jail, seen)
  return [...found.values()]
}

/** The jails that `depends` names, or that a filter in it fits, by priority. */
async function dependenciesOf(jail: JailBase): Promise<JailBase[]> {
  const found = new Map<string, JailBase>()
  for (const term of jail.config.get('depends')) {
    for await (const next of /[=*+]/.test(term) ? matching(jail, term) : [named(jail, term)]) {
      found.set(next.fullName, next)
    }
  }
  return [...found.values()].sort((a, b) => a.config.get('priority') - b.config.get('priority'))
}

/** A name without a source is one of the jail's own source; a foreign jail has none. */
function named(of: JailBase, name: string): JailBase {
  const { host, fullName } = of
  const own = of.managed && !name.includes('/') ? { rootDatasetsName: of.source } : {}
  const jail = new JailBase({ id: name }, { host, ...own })
  if (!jail.exists) throw new JailDoesNotExist({ jail: jail.fullName, dataset: jail.datasetName, neededBy: fullName })
  return jail
}

/** A filter may fit the jail that has it; it does not mean itself. A name with wildcards is, like one without, of its source. */
async function* matching(jail: JailBase, term: string): AsyncGenerator<JailBase, void, void> {
  const filter = /[=/]/.test(term) || !jail.managed ? term : `${jail.source}/${term}`
  for await (const next of new JailsGenerator(filter, { host: jail.host })) {
    if (next.fullName !== jail.fullName) yield next
  }
}
