// Abort a start half-way and watch it undo what it had done.
import { drain, OperationCancelled } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { exampleHost } from './support/example-host.ts'

const { host, release } = await exampleHost()
const jail = new JailGenerator('web', { host })
await drain(jail.create(release, { properties: { exec_start: 'sleep 60' } }))

const controller = new AbortController()
try {
  for await (const event of jail.start({ signal: controller.signal })) {
    console.log(`${'  '.repeat(event.depth)}${event}`)
    if (event.is('JailHookStart') && event.state === 'pending')
      setTimeout(() => controller.abort(new Error('enough')), 50)
  }
} catch (error) {
  if (!(error instanceof OperationCancelled)) throw error
  console.log(error.message)
  console.log('everything was undone:', error.reverted, '- the jail runs:', jail.running)
}
await drain(jail.destroy())
