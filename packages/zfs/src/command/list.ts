import { DatasetNotFound, OutputNotUnderstood, PropertyInvalid } from '../errors.ts'
import { nameKind } from '../names.ts'
import { canonicalName } from '../properties/names.ts'
import type { Dataset, DatasetType, ListOptions } from '../zfs.ts'
import { checkAnyName, checkListed, checkProperty, everyType } from './check.ts'
import { commandFailed, commonFailure, firstLine, type Request } from './failure.ts'
import type { Reader } from './reader.ts'
import type { CommandResult, Program } from './run.ts'
import { textOf } from './text.ts'

/** What is asked for, checked. */
export interface Query {
  readonly request: Request
  /** As they were asked for. */
  readonly properties: readonly string[]
  /** As the command has them; `all` is alone. */
  readonly columns: readonly string[]
  /** Those that a dataset shall not have where they do not apply. */
  readonly optional?: ReadonlySet<string>
  readonly types: readonly DatasetType[]
  readonly which: readonly string[]
  readonly where: readonly string[]
  /** The root is a snapshot or bookmark, and such are not asked for: there is nothing to list. */
  readonly nothing: boolean
}

/** Throws NameInvalid, PropertyInvalid. */
export function query(
  options: Omit<ListOptions, 'signal'>,
  exists: Request['exists'],
  asked: string = `list ${options.root === undefined ? 'all datasets' : `"${options.root}"`}`,
): Query {
  const { root, depth, types = ['filesystem', 'volume'] } = options
  const properties = [...new Set(options.properties ?? [])]
  // The command wants `all` to be alone.
  const columns = properties.includes('all') ? ['all'] : [...new Set(properties.map(canonicalName))]
  const request: Request = { name: root, asked, exists }
  if (root !== undefined) checkAnyName(root, asked)
  for (const property of properties) checkProperty(property, root, asked)
  checkListed(options, asked)
  // -t always: what is listed by default depends on a property of the pool (listsnapshots).
  const which = ['-t', types.join(','), ...(depth === undefined ? ['-r'] : ['-d', String(depth)])]
  const where = root === undefined ? [] : [root]
  const kind = root === undefined ? undefined : nameKind(root)
  const nothing = (kind === 'snapshot' || kind === 'bookmark') && !types.includes(kind)
  return { request, properties, columns, types, which, where, nothing }
}

/** `zfs list` and `zfs get`, as one: the datasets with the properties asked for. */
export function* list(
  options: Omit<ListOptions, 'signal'>,
  exists: Request['exists'],
  words?: string,
): Program<Dataset[]> {
  const asked = query(options, exists, words)
  if (asked.nothing) return nothingOf(asked)
  const named = yield* withNames(asked)
  const { args, reader } = textOf(named)
  const result = yield args
  const datasets = reader.push(result.stdout.split('\n'))
  checkRead(result, args, named, reader)
  return datasets
}

/** With the names of what `all` means there: each is then asked for by itself, so that its value can be told from rows. */
export function* withNames(asked: Query): Program<Query> {
  if (asked.columns[0] !== 'all') return asked
  const args = ['get', '-H', ...asked.which, '-o', 'property', 'all', ...asked.where]
  const { stdout } = checkResult(yield args, args, asked)
  const optional = new Set(stdout.split('\n').filter((name) => name !== ''))
  const others = asked.properties.filter((property) => property !== 'all')
  const properties = [...new Set([...optional, ...others])]
  for (const property of others) optional.delete(property)
  return { ...asked, properties, columns: [...new Set(properties.map(canonicalName))], optional }
}

/** Throws what is said of a root that does not exist. */
export function nothingOf({ request }: Query): [] {
  const missing = commonFailure(request, { stdout: '', stderr: '', exitCode: 1 })
  if (missing) throw missing
  return []
}

/** One dataset of any kind. */
export function* get(
  name: string,
  properties: readonly string[],
  exists: Request['exists'],
  asked: string = `read "${name}"`,
): Program<Dataset> {
  checkAnyName(name, asked)
  const [found] = yield* list({ root: name, depth: 0, types: everyType, properties }, exists, asked)
  // The command found it and then, by an accident of time, it was gone.
  if (!found) throw new DatasetNotFound({ name, asked })
  return found
}

/** Throws what a command that failed means. */
function checkResult(result: CommandResult, args: readonly string[], { request, properties }: Query): CommandResult {
  if (result.exitCode === 0) return result
  const { stderr } = result
  // 2 is wrong usage: of what is passed here, only a name of a property can be wrong.
  if (result.exitCode === 2) {
    const property = properties.find((asked) => stderr.includes(`'${asked}'`)) ?? properties[0]
    throw new PropertyInvalid({ name: request.name, asked: request.asked, property, reason: firstLine(stderr) })
  }
  throw commonFailure(request, result) ?? commandFailed(request, args, result)
}

/** Throws what a command that failed means, and where it printed what was not asked for. */
export function checkRead(result: CommandResult, args: readonly string[], asked: Query, reader: Reader): void {
  checkResult(result, args, asked)
  if (reader.strange === undefined) return
  throw new OutputNotUnderstood({ asked: asked.request.asked, command: `zfs ${args[0]}`, line: reader.strange })
}
