/**
 * A generator that can be left while it waits. The return() of an async generator waits for what its next() waits for, which
 * here may never come; so it ends that first, by the signal that `make` is given.
 */
export function leavable<T>(
  signal: AbortSignal | undefined,
  make: (signal: AbortSignal) => AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  const left = new AbortController()
  const made = make(signal ? AbortSignal.any([signal, left.signal]) : left.signal)
  const end = made.return.bind(made)
  made.return = (value) => {
    left.abort()
    return end(value)
  }
  return made
}
