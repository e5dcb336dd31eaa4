import type { IocEvent } from '@gaoler/core'
import { jsonRenderer } from './json.ts'
import { plainRenderer } from './plain.ts'
import { treeRenderer } from './tree.ts'

/** Shows a stream of events. */
export interface Renderer {
  event(event: IocEvent): void
  /** Shows what is still hidden; nothing is written afterwards. */
  end(): void
}

/** What a renderer writes to: a terminal, a pipe, a file. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** One IocEvent a line with `json`; else a live tree on a terminal and plain lines elsewhere. */
export function createRenderer(output: Output, { json = false }: { json?: boolean } = {}): Renderer {
  if (json) return jsonRenderer(output)
  return output.isTTY ? treeRenderer(output) : plainRenderer(output)
}
