// No async at all: the same operations, done when the call returns. (Only the example's own mirror is made with await.)
import { Jail, Release } from '@gaoler/jail'
import { exampleMirror } from './support/example-host.ts'

const { host, mirror, release } = await exampleMirror()

new Release(release, { host }).fetch({ mirror })

const jail = new Jail({}, { host })
jail.create(release)
console.log(`created ${jail.humanreadableName}, a jail with a random UUID as its name`)

// Events come back as an array, and live where they are asked for.
const events = jail.start({
  onEvent: (event) => {
    if (event.depth === 1 && event.isFinal()) console.log(`  ${event}`)
  },
})
console.log(events.length, 'events; running:', jail.running)

const { stdout } = jail.exec(['/bin/hello'])
console.log(stdout?.trim())

jail.stop()
jail.destroy()
console.log('gone:', !jail.exists)
