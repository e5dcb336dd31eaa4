// No async at all: the same operations, done when the call returns.
import { Jail } from '@gaoler/jail'
import { exampleHost } from './support/example-host.ts'

const { host, release } = await exampleHost()

const jail = new Jail({}, { host })
jail.create(release)
console.log(`created ${jail.humanReadableName}, a jail with a random UUID as its name`)

// Events come back as an array, and live where they are asked for.
const events = jail.start({ onEvent: (event) => event.depth === 1 && event.isFinal() && console.log(`  ${event}`) })
console.log(events.length, 'events; running:', jail.running)

const { stdout } = jail.exec(['/bin/hello'])
console.log(stdout?.trim())

jail.stop()
jail.destroy()
console.log('gone:', !jail.exists)
