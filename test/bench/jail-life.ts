import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { execa } from 'execa'
import { middle, report } from '../figures.ts'
import { linuxWorld } from '../jail/linux-world.ts'

// One life of a jail beside the same life by commands, one after the other: zfs clone, crun create, start, exec, kill, delete,
// zfs destroy, with the mounts, capabilities, filter and namespaces of ours, only without the namespace of users, which would
// ask for mounts that no command makes. By turns in one run, in the lab: without a kernel there is nothing to compare with.

const ROUNDS = 12
const BUNDLES = '/run/gaoler/linux/bundles'
const verbs = ['create', 'start', 'exec', 'stop', 'destroy'] as const
type Times = Record<(typeof verbs)[number], number>

async function timed(body: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await body()
  return performance.now() - from
}

if (!process.env.GAOLER_LAB_SCRATCH) {
  console.log('one life of a jail, to the same commands: only in the lab (pnpm lab -- pnpm bench jail)')
} else {
  const world = await linuxWorld()
  try {
    await compare(world)
  } finally {
    await world.close()
  }
}

async function compare({ host, release }: Awaited<ReturnType<typeof linuxWorld>>): Promise<void> {
  const properties = { exec_start: 'none', exec_stop: 'none', resolver: 'none' }
  const ours = async (): Promise<Times> => {
    const jail = new JailGenerator('bench', { host })
    return {
      create: await timed(() => drain(jail.create(release, { properties }))),
      start: await timed(() => drain(jail.start())),
      exec: await timed(() => drain(jail.exec(['/bin/true']))),
      stop: await timed(() => drain(jail.stop())),
      destroy: await timed(() => drain(jail.destroy())),
    }
  }
  const bundle = await bareBundle()
  const dataset = `${host.datasets.main.jails}/bare`
  // The container keeps what it is given: with pipes, nobody would see their end.
  const crun = (...args: string[]) =>
    execa('crun', ['--cgroup-manager=cgroupfs', ...args], { stdio: 'ignore', timeout: 20_000 })
  const bare = async (): Promise<Times> => ({
    create: await timed(() => execa('zfs', ['clone', `${host.datasets.main.releases}/${release}/root@p0`, dataset])),
    start: await timed(async () => {
      await crun('create', `--bundle=${bundle}`, 'bare')
      await crun('start', 'bare')
    }),
    exec: await timed(() => crun('exec', 'bare', '/bin/true')),
    stop: await timed(async () => {
      await crun('kill', 'bare', 'KILL')
      await crun('delete', '--force', 'bare')
    }),
    destroy: await timed(() => execa('zfs', ['destroy', dataset])),
  })

  /** The bundle of a jail of ours, for the bare commands. */
  async function bareBundle(): Promise<string> {
    const jail = new JailGenerator('model', { host })
    await drain(jail.create(release, { properties }))
    await drain(jail.start())
    const [id = ''] = readdirSync(BUNDLES)
    const config = JSON.parse(readFileSync(join(BUNDLES, id, 'config.json'), 'utf8'))
    await drain(jail.destroy({ forceStop: true }))
    config.root = { path: host.datasets.path(`${host.datasets.main.jails}/bare`) }
    config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'user')
    for (const key of ['uidMappings', 'gidMappings']) delete config.linux[key]
    config.linux.cgroupsPath = '/gaoler-bare'
    const folder = '/run/gaoler-bare'
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    return folder
  }

  const [mine, theirs]: [Times[], Times[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(await bare())
    mine.push(await ours())
  }
  // The first has still to be compiled.
  const of = (all: readonly Times[]) => (verb: keyof Times) => middle(all.slice(2).map((times) => times[verb]))
  const sum = (all: readonly Times[]): number =>
    middle(all.slice(2).map((times) => verbs.reduce((s, v) => s + times[v], 0)))
  const [a, b] = [sum(mine), sum(theirs)]
  report(
    'create, start, exec, stop, destroy, to the same bare commands',
    a / b,
    1.3,
    `${a.toFixed(0)} ms to ${b.toFixed(0)} ms`,
  )
  for (const verb of verbs)
    console.log(
      `  ${verb.padEnd(10)} ${of(mine)(verb).toFixed(0).padStart(6)} ms to ${of(theirs)(verb).toFixed(0).padStart(6)} ms`,
    )
}
