// A process that carries out one verb and is killed in it. It is told which when everything is loaded: see kills.ts.
import { once } from 'node:events'
import { drain } from '@gaoler/core'
import { HostGenerator, JailGenerator } from '@gaoler/jail'
import type { Job } from './kills.ts'
import { verbs } from './verbs.ts'
import { watchEffects } from './watched.ts'

process.stdin.setEncoding('utf8')
const [text] = (await once(process.stdin, 'data')) as [string]
process.stdin.destroy()
const { options, release, verb, jail: name, kill, after } = JSON.parse(text) as Job
const host = HostGenerator.open(options)
let seen = 0
watchEffects(host, async (_, carryOut) => {
  const at = ++seen
  if (at === kill && !after) process.kill(process.pid, 'SIGKILL')
  const result = await carryOut()
  if (at === kill) process.kill(process.pid, 'SIGKILL')
  return result
})
const jail = new JailGenerator(name, { host })
const operation = verb === 'recover' ? host.recover() : verbs[verb]?.run(jail, { release }, {})
if (!operation) throw new Error(`there is no verb ${verb}`)
await drain(operation)
