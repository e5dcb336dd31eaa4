import { stripVTControlCharacters, styleText } from 'node:util'
import type { IocEvent, Progress } from '@gaoler/core'

/** Text from events as one harmless line: jails and mirrors must not move the cursor of whoever watches. */
export function oneLine(text: string): string {
  // Control characters, line and paragraph separators, and marks that turn the direction of writing.
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
}

/** `JailStart@web`, with what it is about and how it stands. */
function describe(event: IocEvent): string {
  const name = event.identifier === null ? event.type : `${event.type}@${oneLine(event.identifier)}`
  const details = [
    event.progress && event.state === 'progress' ? progressText(event.progress) : '',
    oneLine(event.message ?? ''),
  ]
  const text = details.filter(Boolean).join(' ')
  return `${event.rollback ? 'undo ' : ''}${name}${text ? `: ${text}` : ''}${duration(event)}`
}

function duration({ state, duration: ms }: IocEvent): string {
  if (ms === null || state === 'progress' || state === 'skipped') return ''
  return ms < 1000 ? ` [${Math.round(ms)} ms]` : ` [${(ms / 1000).toFixed(1)} s]`
}

function progressText({ current, total, unit }: Progress): string {
  const percent = total ? ` (${Math.floor((100 * current) / total)} %)` : ''
  const [value, name] = unit === 'bytes' ? [(current / 1e6).toFixed(1), 'MB'] : [String(current), unit]
  const all = total === undefined ? '' : ` of ${unit === 'bytes' ? (total / 1e6).toFixed(1) : total}`
  return `${value}${all} ${name}${percent}`
}

const marks = { pending: '·', progress: '·', done: '✔', skipped: '–', failed: '✖' } as const
const styles = { pending: 'cyan', progress: 'cyan', done: 'green', skipped: 'gray', failed: 'red' } as const

/** The line of an event: indented by its depth, marked and coloured by its state. */
export function eventLine(event: IocEvent, { colour, columns = 1000 }: { colour: boolean; columns?: number }): string {
  const mark = event.rollback && event.state === 'done' ? '↩' : marks[event.state]
  const indent = '  '.repeat(event.depth)
  const text = clip(`${indent}${mark} ${describe(event)}`, columns)
  return colour ? styleText(styles[event.state], text, { validateStream: false }) : text
}

/** The first `columns` characters; wide characters count twice, so that no line wraps. */
export function clip(line: string, columns: number): string {
  let width = 0
  for (const [index, character] of [...line].entries()) {
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\p{Extended_Pictographic}]/u.test(
        character,
      )
        ? 2
        : 1
    if (width > columns) return [...line].slice(0, index).join('')
  }
  return line
}
