// A process that carries out one verb and is killed in it. It is told which when everything is loaded: see kills.ts.
import { once } from 'node:events'
import { drain, type Effect } from '@gaoler/core'
import { HostGenerator, JailGenerator } from '@gaoler/jail'
import type { Job } from './kills.ts'
import { verbs } from './verbs.ts'

process.stdin.setEncoding('utf8')
const [text] = (await once(process.stdin, 'data')) as [string]
process.stdin.destroy()
const { options, release, verb, jail: name, kill, fail, after } = JSON.parse(text) as Job
const host = HostGenerator.open(options)
const { effects } = host
let seen = 0
const deadly = Object.entries(effects).map(([name, effect]: [string, Effect]) => [
  name,
  {
    ...effect,
    run: async (args: never, context: never) => {
      if (effect.query) return effect.run(args, context)
      const at = ++seen
      if (at === kill && !after) process.kill(process.pid, 'SIGKILL')
      if (at === fail) throw new Error('made to fail')
      const result = await effect.run(args, context)
      if (at === kill) process.kill(process.pid, 'SIGKILL')
      return result
    },
  },
])
Object.defineProperty(host, 'effects', { value: Object.fromEntries(deadly) })
const jail = new JailGenerator(name, { host })
const operation = verb === 'recover' ? host.recover() : verbs[verb]?.run(jail, { release }, {})
if (!operation) throw new Error(`there is no verb ${verb}`)
await drain(operation).catch((error) => {
  if (fail === undefined) throw error
})
