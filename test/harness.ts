import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { suite as uvuSuite } from 'uvu'

export * as assert from 'uvu/assert'

/** A uvu suite whose tests fail after `timeout` milliseconds instead of hanging the run. */
export interface Suite {
  (title: string, body: () => unknown, options?: { timeout?: number }): void
  before(hook: () => unknown): void
  after(hook: () => unknown): void
  /** Not run; the reason is shown in the summary. */
  skip(title: string, reason: string): void
  run(): void
}

const skipped: string[] = []

/** What was skipped so far, each as `suite: title (reason)`; the runner prints it. */
export function skips(): readonly string[] {
  return skipped
}

export function suite(name: string): Suite {
  const inner = uvuSuite(name)
  const failures: string[] = []
  const test = (title: string, body: () => unknown, { timeout = 20_000 } = {}): void => {
    inner(title, async () => {
      try {
        await within(timeout, title, body)
      } catch (thrown) {
        failures.push(`"${title}" had failed: ${inspect(thrown, { depth: 4 }).slice(0, 2000)}`)
        throw thrown
      }
    })
  }
  return Object.assign(test, {
    before: (hook: () => unknown) => inner.before(() => shown(`before ${name}`, hook, failures)),
    after: (hook: () => unknown) => inner.after(() => shown(`after ${name}`, hook, failures)),
    skip: (title: string, reason: string) => {
      skipped.push(`${name}: ${title} (${reason})`)
      inner.skip(title)
    },
    run: () => inner.run(),
  })
}

// uvu counts what a hook keeps from running, and forgets why; when a last hook fails, it forgets what else has failed.
async function shown(when: string, hook: () => unknown, failures: readonly string[]): Promise<void> {
  try {
    await hook()
  } catch (thrown) {
    const all = [`${when}: ${inspect(thrown, { depth: 4 }).slice(0, 4000)}`, ...failures]
    process.stdout.write(`\n${all.join('\n')}\n`)
    throw thrown
  }
}

async function within(timeout: number, title: string, body: () => unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${title}" was not done after ${timeout} ms`)), timeout)
  })
  try {
    await Promise.race([body(), late])
  } catch (thrown) {
    throw printable(thrown)
  } finally {
    clearTimeout(timer)
  }
}

// uvu takes `details` of an error for its own diff; anything else than its assertions is shown as Node inspects it.
function printable(thrown: unknown): Error {
  if (thrown instanceof Error && thrown.name === 'Assertion') return thrown
  const shown = new Error(inspect(thrown, { depth: 4 }).slice(0, 4000))
  shown.stack = ''
  return shown
}

/** Collects garbage now, so that a size is measured and not the collector's mood. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** The error that `body` throws; fails when it throws nothing. */
export async function thrown<E extends Error = Error>(body: () => unknown): Promise<E> {
  try {
    await body()
  } catch (error) {
    return error as E
  }
  throw new Error('expected an error, and nothing was thrown')
}
