import { constants } from 'node:buffer'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { EffectContext } from '@gaoler/core'
import { CommandOutputTooLong } from '../errors.ts'

export type OutputReceiver = Pick<EffectContext, 'output'>

const limit = constants.MAX_STRING_LENGTH

/** Milliseconds of silence after a command's end, until its output counts as ended too. */
const silence = 250

/** The most that a daemon which never falls silent is waited for, in milliseconds, and is read of, in bytes. */
const patience = 1_000
const capacity = 1 << 20

/**
 * Collects one stream of a command and delivers it live.
 *
 * A daemon that a command leaves behind often keeps its standard output open. So once the command itself has ended,
 * a short silence ends the collecting too; what comes later is read and dropped, so that the daemon gets no SIGPIPE.
 * A daemon that never falls silent is not waited for either: what the command itself wrote is in the pipe by then.
 */
export class ProcessOutput {
  #text = ''
  /** How many characters, the oldest, are no more in `text`. */
  leftOut = 0
  readonly #keep: number
  /** Resolves when all was collected and delivered; rejects with what `context.output` threw. */
  readonly collected: Promise<void>
  readonly #stream: Readable
  #timer: NodeJS.Timeout | undefined
  #delivering = false
  #commandEnded = false
  /** Since the command has ended: milliseconds that no output came, bytes that came. A slow consumer's time is not in it. */
  #waited = 0
  #received = 0
  #waitingSince = 0
  #resolve: () => void = () => {}

  /** `keep`: how many characters `text` has at most. */
  constructor(
    stream: Readable,
    name: 'stdout' | 'stderr',
    context: OutputReceiver,
    keep: number = Number.POSITIVE_INFINITY,
  ) {
    this.#stream = stream
    this.#keep = keep
    this.collected = new Promise((resolve, reject) => {
      this.#resolve = resolve
      // A character may be cut in two by the borders of chunks.
      const decoder = new StringDecoder('utf8')
      const deliver = async (text: string): Promise<void> => {
        if (text === '') return
        if (this.#text.length + text.length > limit) throw new CommandOutputTooLong({ stream: name, limit })
        this.#text += text
        // Not at each piece: that would copy all of it each time.
        if (this.#text.length > 2 * keep) this.#trim()
        await context.output(text, name)
      }
      let delivered = Promise.resolve()
      stream.on('data', (chunk: Buffer) => {
        clearTimeout(this.#timer)
        if (this.#commandEnded) {
          this.#waited += performance.now() - this.#waitingSince
          this.#received += chunk.length
        }
        this.#delivering = true
        // A slow consumer slows the command: nothing is read meanwhile.
        stream.pause()
        delivered = deliver(decoder.write(chunk)).then(() => {
          this.#delivering = false
          stream.resume()
          this.#awaitSilence()
        })
        delivered.catch(reject)
      })
      stream.once('close', () => {
        clearTimeout(this.#timer)
        delivered.then(() => deliver(decoder.end())).then(resolve, reject)
      })
      // A reset pipe is an end like any other: `close` follows.
      stream.on('error', () => {})
    })
    // Whoever waits for `collected` sees the failure; until then it must not count as unhandled.
    this.collected.catch(() => {})
  }

  /** All that was said, or the end of it. */
  get text(): string {
    this.#trim()
    return this.#text
  }

  #trim(): void {
    const over = this.#text.length - this.#keep
    if (over <= 0) return
    // A character may be of two parts.
    const from = /[\udc00-\udfff]/.test(this.#text[over] as string) ? over + 1 : over
    this.leftOut += from
    this.#text = this.#text.slice(from)
  }

  /** To be called when the command has ended. */
  commandEnded(): void {
    this.#commandEnded = true
    this.#awaitSilence()
  }

  #awaitSilence(): void {
    if (!this.#commandEnded || this.#delivering || this.#stream.closed) return
    clearTimeout(this.#timer)
    this.#waitingSince = performance.now()
    const rest = this.#received > capacity ? 0 : Math.max(0, Math.min(silence, patience - this.#waited))
    if (rest === 0) this.#end()
    else this.#timer = setTimeout(() => this.#end(), rest)
  }

  #end(): void {
    this.#stream.removeAllListeners('data').on('data', () => {})
    // A daemon that lives on must not keep this process alive.
    if ('unref' in this.#stream && typeof this.#stream.unref === 'function') this.#stream.unref()
    this.#resolve()
  }
}
