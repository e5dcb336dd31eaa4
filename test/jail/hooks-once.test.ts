import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect, drain, type IocEvent } from '@gaoler/core'
import { type Command, HostGenerator, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { inImage } from './image.ts'
import { Killer } from './kills.ts'
import { directoryOf } from './trial.ts'
import { watchEffects } from './watched.ts'

/** What becomes of hooks whose process dies. */
const test = suite('jail/hooks of dead processes')
let world: JailWorld
let killer: Killer
let host: HostGenerator

test.before(async () => {
  world = await embeddedWorld()
  host = HostGenerator.open(world.host.options)
  killer = new Killer()
})
test.after(async () => {
  killer.close()
  await world.close()
})

const warnings = (events: readonly IocEvent[]): string[] =>
  events.flatMap(({ payload }) => (payload as { log?: { message: string } }).log?.message ?? [])

const hooks = ['exec_prestop', 'exec_stop', 'exec_poststop', 'exec_prestart', 'exec_created', 'exec_start']

/** A running jail whose hooks note, in its own root, that they ran, and with what. */
async function noted(name: string): Promise<{ jail: JailGenerator; log: (jail: JailGenerator) => string[] }> {
  const jail = new JailGenerator(name, { host })
  await drain(jail.create(world.release, { properties: { resolver: 'none' } }))
  const note = (hook: string): string => `echo ${hook} $TOKEN >> ${jail.rootPath}/tmp/log`
  await drain(jail.set(Object.fromEntries(hooks.map((hook) => [hook, note(hook)]))))
  await drain(jail.start())
  const file = join(jail.rootPath, 'tmp/log')
  writeFileSync(file, '')
  return { jail, log: () => readFileSync(file, 'utf8').trimEnd().split('\n') }
}

/** At each moment in which the process could die, what whoever recovers makes of it, in a copy of the host. */
async function atEachDeath(
  jail: JailGenerator,
  run: () => Promise<unknown>,
  look: (died: string, events: readonly IocEvent[]) => void,
): Promise<void> {
  const names: string[] = []
  const end = watchEffects(host, async ({ name, args }, carryOut) => {
    // The console's log has the command too.
    const line = name.startsWith('exec') && hooks.find((hook) => `${(args as Command).argv}`.includes(`echo ${hook} `))
    const result = await carryOut()
    names.push(line || name)
    const journals = existsSync(host.journalDirectory) ? readdirSync(host.journalDirectory) : []
    for (const path of journals) {
      assert.not.match(readFileSync(join(host.journalDirectory, path), 'utf8'), /hidden/)
    }
    await inImage(directoryOf(world), async (image) => look(names.at(-1) as string, await collect(image.recover())))
    return result
  })
  await run().finally(end)
  assert.ok(names.includes('exec_poststop'))
  await drain(jail.destroy({ forceStop: true }))
}

test('a stop that is completed runs each hook once, with its environment; twice only the one that its process died in', async () => {
  const { jail, log } = await noted('stopped')
  let begun = false
  await atEachDeath(
    jail,
    () => drain(jail.stop({ env: { TOKEN: 'hidden' } })),
    (died, events) => {
      begun ||= died === 'exec_prestop'
      if (!begun) return
      const again = hooks.includes(died) ? [died] : []
      const ran = ['exec_prestop', 'exec_stop', 'exec_poststop'].flatMap((hook) =>
        died === hook ? [hook, hook] : hook,
      )
      assert.equal(
        log(jail),
        ran.map((hook) => `${hook} hidden`),
        `died after ${died}`,
      )
      assert.equal(
        warnings(events),
        again.map((hook) => `${hook} of jail stopped may run for the second time: its process died in it`),
      )
    },
  )
})

test('a restart that is completed runs no hook again of what it has stopped, and those of a jail that it makes anew for that one', async () => {
  const { jail, log } = await noted('restarted')
  await atEachDeath(
    jail,
    () => drain(jail.restart({ shutdown: true, env: { TOKEN: 'hidden' } })),
    (died) => {
      for (const hook of ['exec_prestop', 'exec_stop', 'exec_poststop', 'exec_prestart']) {
        const times = log(jail).filter((line) => line === `${hook} hidden`).length
        assert.is(times, died === hook ? 2 : 1, `${hook}, died after ${died}`)
      }
      assert.is(log(jail).at(-1), 'exec_start hidden', `died after ${died}`)
    },
  )
})

test('the environment of a verb is lost with the key of the host, and whoever recovers says so', async () => {
  const { jail, log } = await noted('sealed')
  const end = watchEffects(host, async ({ name }, carryOut) => {
    const result = await carryOut()
    if (name !== 'removeJail') return result
    await inImage(directoryOf(world), async (image) => {
      writeFileSync(join(image.runDirectory, 'seal'), Buffer.alloc(32))
      const events = await collect(image.recover())
      assert.equal(warnings(events), [
        'hooks of jail sealed run without the environment that stop was given: it is lost',
      ])
      assert.is(log(jail).at(-1), 'exec_poststop')
    })
    return result
  })
  await drain(jail.stop({ env: { TOKEN: 'hidden' } })).finally(end)
  await drain(jail.destroy())
})

test('what a hook was running on the host when its process died is ended by who recovers, also what has left its group', async () => {
  const before = await world.snapshot()
  const jail = new JailGenerator('web', { host })
  const pids = join(directoryOf(world), '..', 'pids')
  const line = `setsid sh -c 'echo $$ >> ${pids}; exec sleep 1000' & echo $$ >> ${pids}; wait_for() { while [ "$(wc -l < ${pids})" -lt 2 ]; do :; done; }; wait_for; kill -9 $PPID; sleep 1000`
  await drain(jail.create(world.release, { properties: { exec_prestart: line } }))
  const options = { options: host.options, release: world.release, jail: 'web' }
  assert.ok(await killer.run({ ...options, verb: 'start', kill: Number.MAX_SAFE_INTEGER, after: true }))
  const alive = (): number[] =>
    readFileSync(pids, 'utf8')
      .trim()
      .split('\n')
      .map(Number)
      .filter((pid) => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
  assert.is(alive().length, 2)
  const events = await collect(host.recover())
  assert.equal(alive(), [])
  assert.match(warnings(events)[0] ?? '', /JailHookPrestart of web had begun still ran, and was ended/)
  await drain(jail.destroy())
  assert.is(await world.snapshot(), before)
})

test.run()
