// The main job from end to end: fetch a release, create a jail, start it, use it, clone it, stop it, destroy all.
//
//   pnpm demo                      on the embedded platform: no root, no ZFS, a release made on the spot
//   pnpm demo --json               the same, one IocEvent a line
//   pnpm lab -- pnpm demo --platform linux      on real ZFS with a really isolated jail
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { createRenderer } from '@gaoler/cli'
import { drain, type Operation } from '@gaoler/core'
import { Host, HostGenerator, JailGenerator, ReleaseGenerator } from '@gaoler/jail'
import { labPool } from './support/lab-pool.ts'
import { makeSmallRelease } from './support/small-release.ts'

const { values } = parseArgs({
  options: {
    platform: { type: 'string', default: 'embedded' },
    pool: { type: 'string' },
    mirror: { type: 'string', default: process.env.GAOLER_LAB_MIRROR },
    release: { type: 'string', default: 'debian-12' },
    json: { type: 'boolean', default: false },
  },
})

const directory = await mkdtemp(join(tmpdir(), 'gaoler-demo-'))
const renderer = createRenderer(process.stdout, values)
const say = (text: string): void => void (values.json || process.stdout.write(`\n${styleText('bold', text)}\n`))
const watch = <R>(operation: Operation<R>): Promise<R> => drain(operation)

await using world = values.platform === 'embedded' ? await embedded() : await linux()
const { host, mirror, name } = world
const options = { onEvent: renderer.event }
const release = new ReleaseGenerator(name, { host })
const jail = new JailGenerator('web', { host })
const copy = new JailGenerator('web-copy', { host })

say(`Platform ${host.platform.name}: ${host.platform.isolation}`)
say(`Fetch the release ${release.name}`)
await watch(release.fetch({ mirror, ...options }))
say('Create the jail web')
await watch(jail.create(release, options))
say('Start it')
const { jid } = await watch(jail.start(options))
say(`Run a command in jail ${jid}`)
const { stdout } = await watch(jail.exec(['/bin/sh', '-c', 'echo "hello from $(hostname), here is $(pwd)"'], options))
if (!values.json) process.stdout.write(`${stdout}`)
say('Clone its datasets while it runs')
await watch(jail.cloneToDataset(copy.datasetName, options))
say('Destroy the clone: until then the jail is needed by it')
await watch(copy.destroy(options))
say('Stop the jail')
await watch(jail.stop(options))
say('Destroy it')
await watch(jail.destroy(options))

async function embedded() {
  const { mirror, name } = await makeSmallRelease(join(directory, 'mirror'))
  const host = Host.open({ platform: 'embedded', directory: join(directory, 'host') })
  return { host, mirror, name, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

async function linux() {
  if (!values.mirror) throw new Error('name a mirror with --mirror URL, or run the demo in the lab')
  const pool = values.pool ? { name: values.pool, [Symbol.asyncDispose]: async () => {} } : await labPool('demo')
  const host = HostGenerator.open({ platform: 'linux' })
  await drain(host.activate(pool.name))
  return { host, mirror: values.mirror, name: values.release, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() }
}
