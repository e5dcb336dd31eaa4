import type { CommandPayload } from '@gaoler/core'
import { eventLine, oneLine } from './text.ts'
import type { Output, Renderer } from './types.ts'

/** A line for each event that begins or ends; progress is left out, output of commands is shown as it comes. */
export function plainRenderer(output: Output): Renderer {
  return {
    event(event) {
      if (event.state !== 'progress') {
        output.write(`${eventLine(event, { colour: false })}\n`)
        return
      }
      const { chunk } = event.payload as CommandPayload
      for (const line of chunk?.text.trimEnd().split('\n') ?? []) {
        output.write(`${'  '.repeat(event.depth + 1)}| ${oneLine(line)}\n`)
      }
    },
    end() {},
  }
}
