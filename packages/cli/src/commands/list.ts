import { listJails } from '@gaoler/jail'
import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { oneLine } from '../render/text.ts'
import { type HostFlags, hostFlags, session } from '../session.ts'

export const list: Command<CliContext> = buildCommand({
  async func(this: CliContext, flags: HostFlags) {
    await session(this, flags, async ({ host, print }) => {
      const jails = listJails(host).map((jail) => ({
        jid: jail.jid,
        name: jail.fullName,
        running: jail.running,
        release: jail.release,
      }))
      if (flags.json) print(JSON.stringify(jails, null, 2))
      else
        for (const row of table(
          jails.map(({ jid, name, running, release }) => [jid ?? '-', name, running ? 'yes' : 'no', release ?? '-']),
        ))
          print(row)
    })
  },
  parameters: { flags: { ...hostFlags, json: { ...hostFlags.json, brief: 'An array of objects as JSON' } } },
  docs: { brief: 'Show the jails of this host' },
})

function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const all = [['JID', 'NAME', 'RUNNING', 'RELEASE'], ...rows.map((row) => row.map((cell) => oneLine(String(cell))))]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
