import type { CommandPayload, IocEvent } from '@gaoler/core'
import { clip, eventLine, oneLine } from './text.ts'
import type { Output, Renderer } from './types.ts'

/** Lines of output that are shown below a command while it runs. */
const OUTPUT_LINES = 3

/** Milliseconds between two paintings: what changes faster is not seen anyway. */
const FRAME = 33

interface Line {
  event: IocEvent
  output: string[]
}

/** A tree that is repainted in place: one line for each event, in the order in which they began. */
export function treeRenderer(output: Output): Renderer {
  let lines = new Map<string, Line>()
  let painted = 0
  let timer: NodeJS.Timeout | undefined

  const paint = (): void => {
    timer = undefined
    const columns = (output.columns ?? 80) - 1
    const text: string[] = []
    for (const { event, output: said } of lines.values()) {
      text.push(eventLine(event, { colour: true, columns }))
      if (!event.isFinal())
        text.push(...said.slice(-OUTPUT_LINES).map((line) => clip(`${'  '.repeat(event.depth + 1)}| ${line}`, columns)))
    }
    // What has scrolled off the screen cannot be reached: only the lines that are still on it are painted again.
    const reachable = Math.min(painted, (output.rows ?? 24) - 1)
    const hidden = painted - reachable
    output.write(
      `${reachable > 0 ? `\x1b[${reachable}A` : ''}\r\x1b[J${text
        .slice(hidden)
        .map((line) => `${line}\n`)
        .join('')}`,
    )
    painted = Math.max(text.length, hidden)
  }

  return {
    event(event) {
      const line = lines.get(event.id) ?? { event, output: [] }
      line.event = event
      lines.set(event.id, line)
      const { chunk } = event.payload as CommandPayload
      if (chunk && event.state === 'progress') line.output.push(...chunk.text.trimEnd().split('\n').map(oneLine))
      if (event.depth === 0 && event.isFinal()) {
        clearTimeout(timer)
        paint()
        // The next operation begins a tree of its own below this one.
        lines = new Map()
        painted = 0
      } else timer ??= setTimeout(paint, FRAME)
    },
    end() {
      if (timer === undefined) return
      clearTimeout(timer)
      paint()
    },
  }
}
