/** What a command left behind, on the events of hooks and commands. */
export interface CommandPayload {
  /** The part of the output that has just arrived; only while the state is `progress`. */
  readonly chunk?: { readonly stream: 'stdout' | 'stderr'; readonly text: string }
  readonly stdout?: string | null
  readonly stderr?: string | null
  /** Exit status; null when a signal ended the command. */
  readonly code?: number | null
  readonly signal?: string | null
  /** How many characters of the output, the oldest, are not in `stdout` and `stderr`. */
  readonly leftOut?: number
}
