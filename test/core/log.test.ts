import { Console } from 'node:console'
import { Writable } from 'node:stream'
import {
  createLogger,
  drain,
  type IocEvent,
  type Logger,
  type LogLevel,
  levelOf,
  logLevels,
  operation,
} from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import pino from 'pino'
import { assert, suite, thrown } from '../harness.ts'
import { toyWorld } from './toys.ts'

const test = suite('core/log')

/** A logger of all nine levels; its lines are `level message`. */
function listening(): { logger: Logger; lines: string[]; data: object[] } {
  const lines: string[] = []
  const data: object[] = []
  const method = (level: string) => (given: object, message: string) => {
    lines.push(`${level} ${message}`)
    data.push(given)
  }
  const logger = Object.fromEntries(logLevels.map((level) => [level, method(level)])) as unknown as Logger
  return { logger, lines, data }
}

test('each event is logged at the level that fits it', async () => {
  const { logger, lines } = listening()
  const { run, faults } = toyWorld()
  faults.add('remove a')
  await thrown(() =>
    drain(
      run(
        async function* (s) {
          yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
          yield* s.step('MountDevFS', (t) => t.host.put({ thing: 'b' }))
          yield* s.step('JailHookStart', (t) => t.host.say({ words: ['hello\n'] }))
          yield* s.step('JailNetworkSetup', () => {}, { unless: 'no network' })
          yield* s.step('JailRemove', () => {
            throw new Error('no')
          })
        },
        { logger },
      ),
    ),
  )
  assert.equal(lines, [
    'info JailStart@web: pending',
    'debug JailAttach@web: pending',
    'verbose JailAttach@web: done',
    'debug MountDevFS@web: pending',
    'verbose MountDevFS@web: done',
    'debug JailHookStart@web: pending',
    'spam JailHookStart@web: hello',
    'verbose JailHookStart@web: done',
    'debug JailNetworkSetup@web: pending',
    'verbose JailNetworkSetup@web: skipped (no network)',
    'debug JailRemove@web: pending',
    'warn JailRemove@web: failed (no)',
    'debug undo MountDevFS@web: pending',
    'notice undo MountDevFS@web: done',
    'debug undo JailAttach@web: pending',
    'critical undo JailAttach@web: failed (remove a failed)',
    'error JailStart@web: failed (no)',
  ])
})

test('a cancellation is a warning', async () => {
  const { logger, lines } = listening()
  const running = operation('JailStart', () => {}, { logger })
  await running.next()
  await running.return()
  assert.is(lines.at(-1), 'warn JailStart: failed (JailStart was cancelled: its consumer left)')
})

test('bodies log through their scope, with data, in order', async () => {
  const { logger, lines, data } = listening()
  const events: IocEvent[] = []
  await drain(
    operation(
      'JailStart',
      async function* (s) {
        yield* s.step('JailAttach', async (t) => {
          t.progress(1)
          await t.log('notice', 'the kernel is old', { version: 13 })
          t.progress(2)
          await t.log('screen', 'look')
        })
      },
      { logger, onEvent: (event) => events.push(event) },
    ),
  )
  assert.equal(lines.slice(2, -2), [
    'spam JailAttach: progress',
    'notice JailAttach: the kernel is old',
    'spam JailAttach: progress',
    'screen JailAttach: look',
  ])
  assert.is((data[3] as { version?: number }).version, 13)
  const said = events.find((event) => event.payload.log !== undefined)
  assert.equal(said?.payload.log, { level: 'notice', message: 'the kernel is old', data: { version: 13 } })
  assert.is(events.at(-1)?.payload.log, undefined)
})

test('nested operations are logged, once also with a logger of their own', async () => {
  const { logger, lines } = listening()
  const nested = listening()
  await drain(
    operation(
      'JailStart',
      async function* (s) {
        yield* s.run(operation('JailStop', () => {}, { logger }))
        yield* s.run(operation('JailClone', () => {}, { logger: nested.logger }))
      },
      { logger },
    ),
  )
  assert.is(lines.length, 6)
  assert.equal(nested.lines, ['debug JailClone: pending', 'verbose JailClone: done'])
})

test('what a worker says is logged on the thread of the blocked caller', () => {
  const { logger, lines, data } = listening()
  const bridge = syncBridge<typeof import('./fixtures/log-module.ts')>('./fixtures/log-module.ts', import.meta.url)
  bridge.drain('start', [], { logger })
  assert.equal(lines, ['info JailStart: pending', 'notice JailStart: said in the worker', 'info JailStart: done'])
  assert.is((data[1] as { thread?: string }).thread, 'worker')
})

test('progress that is logged to console is a line and not a stack', async () => {
  const lines: string[] = []
  const text = new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) })
  const logger = new Console({ stdout: text, stderr: text })
  await drain(operation('JailStart', (s) => s.progress(1, 2, 'files'), { logger }))
  assert.ok(lines.some((line) => line.includes('JailStart: progress')))
  assert.not.match(lines.join(''), /Trace|\n +at /)
})

test('a logger that throws does not disturb the operation', async () => {
  const warned = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve))
  const broken: Logger = { ...console, info: () => JSON.parse('{') }
  assert.is(await drain(operation('JailStart', () => 3, { logger: broken })), 3)
  assert.is((await warned).code, 'IOC_LISTENER')
})

test('a pino logger fits as it is', async () => {
  const written: Record<string, unknown>[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => written.push(JSON.parse(line)) })
  await thrown(() =>
    drain(
      operation(
        'JailStart',
        async function* (s) {
          await s.log('critical', 'hear me')
          yield* s.step('JailAttach', () => {
            throw new RangeError('too far')
          })
        },
        { logger, identifier: 'web' },
      ),
    ),
  )
  const label = (level: unknown): string | undefined => pino.levels.labels[level as number]
  assert.equal(
    written.map(({ level, msg }) => `${label(level)} ${msg}`),
    [
      'info JailStart@web: pending',
      'fatal JailStart@web: hear me',
      'debug JailAttach@web: pending',
      'warn JailAttach@web: failed (too far)',
      'error JailStart@web: failed (too far)',
    ],
  )
  const last = written.at(-1) as { err?: { message?: string; stack?: string }; type?: string }
  assert.match(last.err?.message ?? '', /^too far/)
  assert.match(last.err?.stack ?? '', /log\.test/)
  assert.is(last.type, 'JailStart')
})

test('a logger with four levels gets all nine', async () => {
  const lines: string[] = []
  const method = (name: string) => (_: object, message: string) => void lines.push(`${name} ${message}`)
  const logger = { error: method('error'), warn: method('warn'), info: method('info'), debug: method('debug') }
  await drain(
    operation(
      'JailStart',
      async (s) => {
        for (const level of logLevels) await s.log(level, level)
      },
      { logger },
    ),
  )
  assert.equal(
    lines.slice(1, -1).map((line) => line.replace('JailStart: ', '')),
    [
      'error critical',
      'error error',
      'warn warn',
      'info info',
      'info notice',
      'debug verbose',
      'debug debug',
      'debug spam',
      'info screen',
    ],
  )
})

test('the text logger writes up to its level, and always what is for the screen', async () => {
  const at = async (level?: LogLevel): Promise<string> => {
    let text = ''
    const logger = createLogger({ write: (line) => (text += line) }, { level })
    await drain(
      operation(
        'JailStart',
        async function* (s) {
          yield* s.step('JailAttach', (t) => t.log('screen', 'look'))
        },
        { logger },
      ),
    )
    return text
  }
  assert.is(await at('critical'), '  JailAttach: look\n')
  assert.is(await at(), 'info     JailStart: pending\n  JailAttach: look\ninfo     JailStart: done\n')
  assert.match(await at('spam'), /^verbose {4}JailAttach: done$/m)
  const error = await thrown(() => createLogger(process.stderr, { level: 'loud' as LogLevel }))
  assert.match(error.message, /"loud" is no log level; there are critical, error, warn/)
})

test('levelOf can be asked, to choose otherwise', async () => {
  const levels: LogLevel[] = []
  await drain(operation('JailStart', () => {}, { onEvent: (event) => levels.push(levelOf(event)) }))
  assert.equal(levels, ['info', 'info'])
})

test.run()
