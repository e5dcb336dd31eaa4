import { jsonRenderer } from './json.ts'
import { plainRenderer } from './plain.ts'
import { treeRenderer } from './tree.ts'
import type { Output, Renderer } from './types.ts'

/** One IocEvent a line with `json`; else a live tree on a terminal and plain lines elsewhere. */
export function createRenderer(output: Output, { json = false }: { json?: boolean } = {}): Renderer {
  if (json) return jsonRenderer(output)
  return output.isTTY ? treeRenderer(output) : plainRenderer(output)
}
