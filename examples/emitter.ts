// Events by their kind, for those who think in emitters; the promise makes sure that no failure is lost.
import { drain } from '@gaoler/core'
import { type IocEventMap, pipeTo } from '@gaoler/core/emitter'
import { JailGenerator } from '@gaoler/jail'
import { EventEmitter } from 'eventemitter3'
import { exampleHost } from './support/example-host.ts'

const { host, release } = await exampleHost()
const jail = new JailGenerator('web', { host })
await drain(jail.create(release))

const emitter = new EventEmitter<IocEventMap>()
emitter.on('JailAttach', (event) => console.log('attach is', event.state))
emitter.on('*', (event) => event.depth === 0 && console.log(`${event}`))

const { jid } = await pipeTo(jail.start(), emitter)
console.log('running as', jid)

await drain(jail.destroy({ forceStop: true }))
