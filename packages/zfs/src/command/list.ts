import { DatasetNotFound, OutputNotUnderstood, PropertyInvalid } from '../errors.ts'
import { nameKind } from '../names.ts'
import { canonicalName, isUserProperty, propertyRow } from '../properties/names.ts'
import { readValue } from '../properties/read.ts'
import type { Dataset, DatasetType, ListOptions, Property } from '../zfs.ts'
import { checkAnyName, checkListed, checkProperty, everyType } from './check.ts'
import { commandFailed, commonFailure, firstLine, type Request } from './failure.ts'
import { GuardedTable } from './guarded.ts'
import { type Found, parseJson, restored } from './parse.ts'
import type { PlainReader } from './plain-reader.ts'
import type { CommandResult, Program } from './run.ts'
import { tableColumns } from './table-reader.ts'
import { plainCommand, tableCommand } from './text.ts'

/** What the commands of this machine can do, found out once. */
export interface Ability {
  /** Whether `-j` is known: OpenZFS 2.3 and newer. */
  json?: boolean
}

/** What is asked for, checked. */
export interface Query {
  readonly request: Request
  /** As they were asked for. */
  readonly properties: readonly string[]
  /** As the command has them. */
  readonly columns: readonly string[]
  readonly types: readonly DatasetType[]
  readonly which: readonly string[]
  readonly where: readonly string[]
  /** Whether no value can hold a tab or a line break: then text is as safe as JSON, printed sooner and read faster. */
  readonly plain: boolean
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
  return { request, properties, columns, types, which, where, plain: columns.every(isPlain), nothing }
}

function isPlain(column: string): boolean {
  if (column === 'all' || isUserProperty(column)) return false
  const row = propertyRow(column)
  return row ? row.kind !== 'string' || row.access === 'read' : /^[a-z]+[@#]/.test(column)
}

/** `zfs list` and `zfs get`, as one: the datasets with the properties asked for. */
export function* list(
  options: Omit<ListOptions, 'signal'>,
  exists: Request['exists'],
  ability: Ability,
  words?: string,
): Program<Dataset[]> {
  const asked = query(options, exists, words)
  if (asked.nothing) return nothingOf(asked)
  if (asked.plain) {
    const { args, reader } = plainCommand(asked)
    const result = yield args
    const datasets = reader.push(result.stdout.split('\n'))
    checkPlain(result, args, asked, reader)
    return datasets
  }
  const { args, columns, reader } = tableCommand(asked)
  const { stdout } = checkResult(yield args, args, asked)
  const lines = stdout.replace(/\n$/, '').split('\n')
  let found: readonly Found[] = [...reader.push(lines), ...reader.end()]
  // Where a value may imitate rows, JSON is asked as well, which in turn loses characters of it; where there is none, a
  // table that cannot be imitated. (Only of `all`, whose columns cannot be chosen, the first answer must do then.)
  const certain = reader.orderly && new Set(found.map(({ name }) => name)).size === found.length
  const { which, where } = asked
  if (!certain && (yield* knowsJson(ability))) {
    const sure = ['get', '-j', '-p', ...which, asked.columns.join(','), ...where]
    const read = parseJson(checkResult(yield sure, sure, asked).stdout)
    if (read) found = restored(read, columns, stdout)
  } else if (!certain && columns[0] !== 'all') {
    const table = new GuardedTable(columns)
    const sure = ['get', '-H', '-p', ...which, '-o', tableColumns, table.columns, ...where]
    found = table.read(checkResult(yield sure, sure, asked).stdout, asked.request.asked)
  }
  return found.map((dataset) => complete(dataset, asked.properties))
}

/** Throws what is said of a root that does not exist. */
function nothingOf({ request }: Query): [] {
  const missing = commonFailure(request, { stdout: '', stderr: '', exitCode: 1 })
  if (missing) throw missing
  return []
}

/** One dataset of any kind. */
export function* get(
  name: string,
  properties: readonly string[],
  exists: Request['exists'],
  ability: Ability,
  asked: string = `read "${name}"`,
): Program<Dataset> {
  checkAnyName(name, asked)
  const [found] = yield* list({ root: name, depth: 0, types: everyType, properties }, exists, ability, asked)
  // The command found it and then, by an accident of time, it was gone.
  if (!found) throw new DatasetNotFound({ name, asked })
  return found
}

/** Asked by an option that older versions refuse (status 2), rather than by a version's number. */
export function* knowsJson(ability: Ability): Program<boolean> {
  if (ability.json !== undefined) return ability.json
  const { exitCode, stdout } = yield ['version', '-j']
  const known = exitCode === 0 && parseJson(stdout) !== undefined
  // Any other failure says nothing: of a module that is not loaded, the next command tells.
  if (known || exitCode === 2) ability.json = known
  return known
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
export function checkPlain(result: CommandResult, args: readonly string[], asked: Query, reader: PlainReader): void {
  checkResult(result, args, asked)
  if (reader.strange === undefined) return
  throw new OutputNotUnderstood({ asked: asked.request.asked, command: `zfs ${args[0]}`, line: reader.strange })
}

/** Exactly the properties asked for, with the types of their values: one that does not apply is null. */
export function complete({ name, type, properties: printed }: Found, asked: readonly string[]): Dataset {
  const names = asked.includes('all') ? [...Object.keys(printed), ...asked.filter((each) => each !== 'all')] : asked
  const properties: Record<string, Property> = Object.create(null)
  for (const property of names) {
    const { value, ...source } = printed[canonicalName(property)] ?? { value: '-', source: 'none' }
    // Of a user property "-" is a value, if somebody has set it.
    const unset = value === '-' && source.source === 'none' && !propertyRow(property)
    properties[property] = { value: unset ? null : readValue(property, value, type), ...source }
  }
  return { name, type, properties } as Dataset
}
