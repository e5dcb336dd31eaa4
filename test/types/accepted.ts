// Nothing here runs: the compiler must accept all of it. What it must refuse is in refused.ts.
import {
  type CommandPayload,
  collect,
  defineEvents,
  drain,
  type EventData,
  type IocEvent,
  isEvent,
  type Kind,
  type Logger,
  type Operation,
  type OperationOptions,
  operation,
  type Payload,
  replay,
  revive,
  type WithDescendants,
} from '@gaoler/core'
import { pipeTo } from '@gaoler/core/emitter'
import { traceOperations } from '@gaoler/core/otel'
import { toObservable } from '@gaoler/core/rx'
import { syncBridge } from '@gaoler/core/sync'
import { Host, Jail, JailGenerator, Jails, type PropertyInput } from '@gaoler/jail'
import pino from 'pino'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => {}

declare module '@gaoler/core' {
  interface IocEvents {
    /** Only here: users add kinds of their own. */
    TypeTestGreeting: Kind<'JailEvent', { readonly words: string }>
    TypeTestBoth: Kind<'TypeTestGreeting' | 'PkgEvent'>
  }
}

export function narrowing(event: IocEvent): void {
  if (event.is('JailCommand')) {
    same<typeof event.type, 'JailCommand'>(true)
    same<typeof event.payload.argv, readonly string[] | undefined>(true)
    same<typeof event.payload.code, number | null | undefined>(true)
  }
  if (event.is('VnetEvent')) {
    same<
      typeof event.type,
      'VnetEvent' | 'JailNetworkSetup' | 'VnetInterfaceConfig' | 'VnetSetupLocalhost' | 'VnetSetRoutes'
    >(true)
    if (event.is('VnetInterfaceConfig')) same<typeof event.payload.bridge, string | undefined>(true)
  }
  if (event.is('PkgEvent')) same<typeof event.payload.packages, readonly string[] | undefined>(true)
  if (event.is('PackageInstall')) same<typeof event.payload.packages, readonly string[] | undefined>(true)
  if (event.is('TypeTestBoth')) {
    same<typeof event.payload.words, string>(true)
    same<typeof event.payload.packages, readonly string[] | undefined>(true)
  }
  same<typeof event.payload.log extends infer L ? (L extends { message: infer M } ? M : never) : never, string>(true)
}

export function kinds(): void {
  same<WithDescendants<'SnapshotEvent'>, 'SnapshotEvent' | 'SnapshotCreate' | 'SnapshotDelete' | 'SnapshotRollback'>(
    true,
  )
  const hook: Payload<'JailHookStart'> extends CommandPayload ? true : false = true
  defineEvents({ TypeTestGreeting: 'JailEvent', TypeTestBoth: ['TypeTestGreeting', 'PkgEvent'] })
  void hook
}

export function plainData(data: EventData): void {
  if (isEvent(data, 'MountDevFS')) same<typeof data.payload.target, string | undefined>(true)
  const event: IocEvent = revive(data)
  void event
}

export async function operations(options: OperationOptions): Promise<void> {
  const start: Operation<{ jid: number }> = operation(
    'JailStart',
    async function* (s) {
      const length = yield* s.step('JailAttach', () => 'text'.length, { payload: { jid: 3 } })
      const maybe = yield* s.step('JailClone', () => 3, { unless: length > 3 && 'too long' })
      same<typeof maybe, number | undefined>(true)
      yield* s.step('TypeTestGreeting', (t) => t.log('notice', 'hello', { to: 'you' }), { payload: { words: 'a' } })
      const all = yield* s.all([operation('JailStop', () => 1)], { concurrency: 2 })
      same<typeof all, number[]>(true)
      return { jid: length }
    },
    options,
  )
  same<Awaited<ReturnType<typeof drain<{ jid: number }>>>, { jid: number }>(true)
  const { jid } = await drain(start)
  const events: IocEvent[] = await collect(operation('JailStop', () => jid, { signal: AbortSignal.timeout(1) }))
  for await (const event of replay([])) events.push(event)
  using _ = traceOperations({ attributes: (event) => ({ seq: event.seq }) })
}

export function loggers(): void {
  const loggers: Logger[] = [console, pino(), pino().child({ jail: 'web' })]
  operation('JailStop', () => {}, { logger: loggers[0] })
}

export async function faces(host: Host): Promise<void> {
  const asynchronous = new JailGenerator('web', { host })
  const { jid } = await drain(asynchronous.start({ env: { A: '1' }, onEvent: (event) => void event.seq }))
  same<typeof jid, number>(true)
  const synchronous = new Jail('web', { host: Host.open({ platform: 'embedded' }) })
  same<ReturnType<typeof synchronous.start>, IocEvent[]>(true)
  synchronous.stop({ timeout: 1000, logger: console })
  toObservable(({ signal }) => asynchronous.stop({ signal })).subscribe((event) => void event.type)
  void pipeTo<void>
  void syncBridge
}

export function values(jail: Jail, column: string): void {
  same<ReturnType<typeof jail.get<'jid'>>, number | null>(true)
  for (const row of new Jails('web*').rows(['full_name', 'running', 'ip4_addr', 'user.owner'])) {
    same<typeof row.full_name, string>(true)
    same<typeof row.running, boolean>(true)
    void row.ip4_addr[0]?.address.toUpperCase()
    same<(typeof row)['user.owner'], unknown>(true)
  }
  for (const row of new Jails().rows([column])) void row[column]
}

export function properties(jail: Jail, host: Host): void {
  // Editors know the names; those of `user.*`, and those that are made at run time, are taken too.
  jail.create('14.3-RELEASE', { properties: { boot: 'yes', depends: ['db'], 'user.owner': 'ann' } })
  host.defaults.set({ exec_timeout: 7, [String(1)]: undefined } satisfies PropertyInput)
}
