// Every operation is an async generator of events: iterate over it.
import { drain } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { exampleHost } from './support/example-host.ts'

const { host, release } = await exampleHost()
const jail = new JailGenerator('web', { host })
await drain(jail.create(release))

for await (const event of jail.start()) {
  console.log(`${'  '.repeat(event.depth)}${event}`)
  // `is` narrows: an event of this kind has a jid.
  if (event.is('JailAttach') && event.state === 'done') console.log('the kernel calls it', event.payload.jid)
}

const { stdout, code } = await drain(jail.exec(['/bin/hello']))
console.log(stdout?.trim(), code)

await drain(jail.destroy({ forceStop: true }))
