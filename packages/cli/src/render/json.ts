import type { Output, Renderer } from './types.ts'

/** One event a line, each a JSON object: nothing is left out. */
export function jsonRenderer(output: Output): Renderer {
  return { event: (event) => output.write(`${JSON.stringify(event)}\n`), end: () => {} }
}
