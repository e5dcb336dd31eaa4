import type { IocEvent } from '@gaoler/core'

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
