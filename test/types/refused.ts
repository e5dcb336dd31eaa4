// Nothing here runs: each marked line must be refused by the compiler.
import { defineEffects, defineEvents, drain, type IocEvent, operation } from '@gaoler/core'
import type { Jail, JailGenerator } from '@gaoler/jail'

export function events(event: IocEvent): void {
  // @ts-expect-error: an event is frozen
  event.seq = 3
  // @ts-expect-error: there is no such kind
  event.is('JailStrat')
  // @ts-expect-error: only some kinds have it
  void event.payload.argv
  if (event.is('JailHook')) {
    // @ts-expect-error: only a command has it, and not every hook is one
    void event.payload.argv
    // @ts-expect-error: a payload is frozen, too
    event.payload.code = 3
    // @ts-expect-error: a hook is no release
    if (event.type === 'FetchRelease') void event
  }
  if (event.is('MountDevFS')) {
    // @ts-expect-error: frozen, though its interface does not say so
    event.payload.target = '/dev'
    // @ts-expect-error: narrowed to one kind
    if (event.type === 'MountFdescfs') void event
  }
  // @ts-expect-error: there is no such state
  if (event.state === 'finished') void event
}

export function kinds(): void {
  // @ts-expect-error: IocEvents does not have it
  defineEvents({ Unheard: 'JailEvent' })
  // @ts-expect-error: not its parent
  defineEvents({ TypeTestGreeting: 'ReleaseEvent' })
  // @ts-expect-error: it has two parents
  defineEvents({ TypeTestBoth: 'PkgEvent' })
}

export async function operations(): Promise<void> {
  // @ts-expect-error: there is no such kind
  operation('JailStrat', () => {})
  // @ts-expect-error: a jid is a number
  operation('JailStart', () => {}, { payload: { jid: 'three' } })
  // @ts-expect-error: there is no such option
  operation('JailStart', () => {}, { timeout: 3 })
  // @ts-expect-error: a logger has at least error, warn, info and debug
  operation('JailStart', () => {}, { logger: { info: () => {} } })
  operation('JailStart', async function* (s) {
    // @ts-expect-error: there is no such level
    await s.log('loud', 'hello')
    // @ts-expect-error: no effects were given
    await s.host.mount({})
    // @ts-expect-error: undefined when it is skipped
    const length: number = yield* s.step('JailClone', () => 3, { unless: 'always' })
    // @ts-expect-error: a step of another kind has another payload
    yield* s.step('JailAttach', () => {}, { payload: { target: '/dev' } })
    return length
  })
  // @ts-expect-error: the result is what the body returns
  const text: string = await drain(operation('JailStop', () => 3))
  void text
}

export function effects(): void {
  defineEffects({
    put: {
      run: (_: { thing: string }) => {},
      // @ts-expect-error: an inverse must be an effect of the same table
      undo: ({ thing }: { thing: string }) => ['take', { thing }],
    },
  })
  // @ts-expect-error: that there is no inverse must be written
  defineEffects({ put: { run: () => {} } })
}

export function faces(jail: Jail, asynchronous: JailGenerator): void {
  // @ts-expect-error: only the asynchronous face can nest
  jail.start({ eventScope: undefined })
  // @ts-expect-error: a time limit is for callers who block
  asynchronous.start({ grace: 3 })
  // @ts-expect-error: there is no such property of a start
  asynchronous.start({ environment: {} })
}
