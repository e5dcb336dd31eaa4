import { type JailRow, JailsGenerator, textOf } from '@gaoler/jail'
import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { oneLine } from '../render/text.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

type Flags = HostFlags & { readonly output?: string }

const COLUMNS = ['jid', 'full_name', 'running', 'release']

export const list: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: Flags, ...filters: string[]) {
    await session(this, flags, async ({ host, print }) => {
      const columns = flags.output?.split(',') ?? COLUMNS
      const rows: JailRow[] = []
      for await (const row of new JailsGenerator(filters, { host }).rows(columns)) rows.push(row)
      if (flags.json) print(JSON.stringify(rows, null, 2))
      else
        for (const line of table(
          columns,
          rows.map((row) => columns.map((column) => textOf(row[column]))),
        ))
          print(line)
    })
  },
  parameters: {
    flags: {
      ...hostFlags,
      json: { ...hostFlags.json, brief: 'An array of objects as JSON' },
      output: { kind: 'parsed', parse: String, optional: true, brief: 'Columns, separated by commas: any property' },
    },
    positional: {
      kind: 'array',
      parameter: {
        brief: "Which jails: 'web*', 'running=yes', 'release=14.3-*,15.0-*'",
        parse: String,
        placeholder: 'filter',
      },
    },
    aliases: { o: 'output' },
  },
  docs: { brief: 'Show the jails of this host' },
})

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.toUpperCase()), ...rows].map((row) => row.map(oneLine))
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
