import { isUserProperty, propertyRow } from '../properties/names.ts'
import type { Dataset, ListOptions } from '../zfs.ts'
import type { Request } from './failure.ts'
import { type Ability, checkResult, complete, list, namesCommand, type Query, query, tableCommand } from './list.ts'
import { parseNames } from './parse.ts'
import { run, runLines } from './run.ts'
import { TableReader } from './table-reader.ts'

/**
 * The datasets one after the other, while the command prints them. It is stopped when the consumer leaves, and waits when
 * that is slow. Texts that may hold tabs and line breaks are taken from JSON, which comes as a whole.
 */
export async function* iterate(
  { signal, ...options }: ListOptions,
  exists: Request['exists'],
  ability: Ability,
): AsyncGenerator<Dataset, void, void> {
  const asked = query(options, exists)
  if (!asked.columns.every(isPlain)) {
    yield* await run(list(options, exists, ability), signal)
    return
  }
  const command = asked.columns.length === 0 ? namesCommand(asked) : tableCommand(asked)
  const lines = runLines(command.args, signal)
  const read = asked.columns.length === 0 ? names : table(command.columns)
  let step = await lines.next()
  try {
    for (; !step.done; step = await lines.next()) yield* read(step.value, asked)
  } finally {
    await lines.return({ stdout: '', stderr: '', exitCode: 0 })
  }
  checkResult(step.value, command.args, asked)
  yield* read(undefined, asked)
}

/** Whether a value cannot hold a tab or a line break. */
function isPlain(column: string): boolean {
  if (column === 'all' || isUserProperty(column)) return false
  const row = propertyRow(column)
  return row ? row.kind !== 'string' || row.access === 'read' : /^[a-z]+[@#]/.test(column)
}

function* names(lines: readonly string[] | undefined): Generator<Dataset> {
  for (const found of parseNames((lines ?? []).join('\n'))) yield complete(found, [])
}

/** Reads lines, and at the end what is left. */
function table(columns: readonly string[]): (lines: readonly string[] | undefined, asked: Query) => Generator<Dataset> {
  const reader = new TableReader(columns)
  return function* (lines, { properties }) {
    for (const line of lines ?? []) {
      const found = reader.push(line)
      if (found) yield complete(found, properties)
    }
    const last = lines ? undefined : reader.end()
    if (last) yield complete(last, properties)
  }
}
