import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { DownloadFailed } from './errors.ts'

/** The bytes behind a URL, opened. */
export interface Source {
  /** Size in bytes, where the server or the file system says it. */
  readonly total: number | undefined
  /** The bytes, once; leaving the iteration closes the source. Throws DownloadFailed, or the reason of the signal. */
  readonly chunks: AsyncIterable<Uint8Array>
}

export interface SourceOptions {
  readonly signal?: AbortSignal
  /** Milliseconds without a byte after which a server is given up; 60 000 if not said. */
  readonly idleTimeout?: number
}

const redirections = new Set([301, 302, 303, 307, 308])
const maximumRedirections = 5

/** Opens an http, https or file URL; throws DownloadFailed, or the reason of the signal. */
export async function openSource(url: string, options: SourceOptions = {}): Promise<Source> {
  options.signal?.throwIfAborted()
  return new URL(url).protocol === 'file:' ? openFile(url, options) : openHttp(url, options)
}

async function openFile(url: string, { signal }: SourceOptions): Promise<Source> {
  try {
    const path = fileURLToPath(url)
    const found = await stat(path)
    // A FIFO or a device would be waited for, or never end.
    if (!found.isFile()) throw new DownloadFailed({ url, reason: 'it is not a file' })
    return { total: found.size, chunks: guarded(createReadStream(path, { highWaterMark: 1 << 20 }), url, signal) }
  } catch (error) {
    throw asFailure(error, url)
  }
}

async function openHttp(url: string, { signal, idleTimeout = 60_000 }: SourceOptions): Promise<Source> {
  const idle = new IdleTimer(idleTimeout)
  try {
    const response = await follow(url, AbortSignal.any(signal ? [signal, idle.signal] : [idle.signal]))
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new DownloadFailed({ url, status: response.status, reason: `the server answered ${response.status}` })
    }
    const length = response.headers.get('content-length')
    // A compressed body has another length than what arrives here; it was not asked for.
    const plain = (response.headers.get('content-encoding') ?? 'identity') === 'identity'
    const total = plain && length !== null && /^\d+$/.test(length) ? Number(length) : undefined
    return { total, chunks: guarded(idle.watch(response.body ?? []), url, signal) }
  } catch (error) {
    idle.stop()
    throw asFailure(error, url, signal)
  }
}

/** The first answer that is no redirection. fetch() is not left to follow them: it would tell nothing about refusals. */
async function follow(url: string, signal: AbortSignal): Promise<Response> {
  let at = new URL(url)
  for (let count = 0; count <= maximumRedirections; count++) {
    const response = await fetch(at, { redirect: 'manual', signal, headers: { 'accept-encoding': 'identity' } })
    const location = response.headers.get('location')
    if (!redirections.has(response.status) || location === null) return response
    await response.body?.cancel()
    const refuse = (reason: string): never => {
      throw new DownloadFailed({ url, status: response.status, reason })
    }
    if (!URL.canParse(location, at.href)) refuse(`the server redirects to ${location}, which is no URL`)
    const next = new URL(location, at)
    if (next.protocol !== 'https:' && next.protocol !== 'http:') refuse(`the server redirects to ${next.href}`)
    // Only TLS says that the MANIFEST, and with it every digest, comes from the mirror that was named.
    if (at.protocol === 'https:' && next.protocol === 'http:') refuse(`the server redirects from https to ${next.href}`)
    at = next
  }
  throw new DownloadFailed({ url, reason: `the server redirects more than ${maximumRedirections} times` })
}

/** Aborts its signal when nothing has happened for a while. */
class IdleTimer {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(milliseconds: number) {
    const reason = new Error(`nothing arrived for ${milliseconds} ms`)
    this.#timer = setTimeout(() => this.#controller.abort(reason), milliseconds)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  async *watch(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    try {
      for await (const chunk of chunks) {
        this.#timer.refresh()
        yield chunk
        // The time that the consumer took is not the server's.
        this.#timer.refresh()
      }
    } finally {
      this.stop()
    }
  }
}

async function* guarded(
  chunks: AsyncIterable<Uint8Array>,
  url: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted()
      yield chunk
    }
  } catch (error) {
    throw asFailure(error, url, signal)
  }
}

/** What is thrown for a failure of the network or the file system; a cancellation stays what it was. */
function asFailure(error: unknown, url: string, signal?: AbortSignal): unknown {
  if (error instanceof DownloadFailed) return error
  if (signal?.aborted) return signal.reason
  return new DownloadFailed({ url, reason: describe(error) }, { cause: error })
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  // fetch() says only "fetch failed" or "terminated" and keeps what happened in the cause.
  return error.cause instanceof Error ? describe(error.cause) : error.message || code || error.name
}
