// The same events as an Observable: cold, and unsubscribing cancels and undoes.
import { drain } from '@gaoler/core'
import { toObservable } from '@gaoler/core/rx'
import { JailGenerator } from '@gaoler/jail'
import { filter, lastValueFrom, map, toArray } from 'rxjs'
import { exampleHost } from './support/example-host.ts'

const { host, release } = await exampleHost()
const jail = new JailGenerator('web', { host })
await drain(jail.create(release))

const finished = toObservable((options) => jail.start(options)).pipe(
  filter((event) => event.isFinal()),
  map((event) => `${event.type} ${event.state}`),
  toArray(),
)
console.log(await lastValueFrom(finished))

await drain(jail.destroy({ forceStop: true }))
