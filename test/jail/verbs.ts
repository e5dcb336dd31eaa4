import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drain, type Operation, type OperationOptions } from '@gaoler/core'
import type { JailGenerator } from '@gaoler/jail'
import { JailGenerator as Generator, ReleaseGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'

/** A verb as the tables of tests know it: what it needs, how it is run, and what takes away what it leaves. */
export interface Verb {
  readonly ready: (jail: JailGenerator, world: Pick<JailWorld, 'release'>) => Promise<unknown>
  readonly run: (
    jail: JailGenerator,
    world: Pick<JailWorld, 'release'>,
    options: OperationOptions,
  ) => Operation<unknown>
  readonly clean: (jail: JailGenerator) => Promise<unknown>
  /** Something of it cannot be undone: a destruction, the end of processes. */
  readonly final?: true
  /** Of a final one that has failed half-way: what completes it; default: the same again. */
  readonly again?: (jail: JailGenerator) => Operation<unknown>
}

/** Every step of a start has something to do. */
const full = {
  resolver: '192.0.2.7',
  mount_fdescfs: 'yes',
  exec_prestart: 'true',
  exec_created: 'true',
  exec_poststart: 'true',
  exec_prestop: 'true',
  exec_poststop: 'true',
}

const create = (jail: JailGenerator, world: Pick<JailWorld, 'release'>): Promise<void> =>
  drain(jail.create(world.release, { properties: full }))

const other = (jail: JailGenerator, name: string): JailGenerator => new Generator(name, { host: jail.host })

const destroyAll = async ({ host, name }: JailGenerator): Promise<void> => {
  // What was promoted is needed by what it was cloned from, until that is promoted.
  for (const found of await host.zfs.list({ root: host.datasets.main.jails, properties: ['origin'] })) {
    const origin = found.properties.origin?.value
    const isOrigin = [`/${name}@`, `/${name}/root@`].some((part) => typeof origin === 'string' && origin.includes(part))
    if (found.name.includes('/verb-base') && isOrigin) await host.zfs.promote(found.name)
  }
  for (const each of ['verb-clone', name, 'verb-base'].map((jail) => new Generator(jail, { host }))) {
    if (each.exists) await drain(each.destroy({ forceStop: true }))
  }
}

const stop: Verb = {
  ready: async (jail, world) => {
    await create(jail, world)
    await drain(jail.start())
  },
  run: (jail, _, options) => jail.stop(options),
  clean: destroyAll,
  final: true,
  // It may be down already.
  again: (jail) => jail.stop({ force: true }),
}

const restart: Verb = {
  ready: stop.ready,
  run: (jail, _, options) => jail.restart({ shutdown: true, ...options }),
  clean: destroyAll,
  final: true,
  again: (jail) => (jail.running ? jail.restart({ shutdown: true }) : jail.start()),
}

const destroyRunning: Verb = {
  ready: stop.ready,
  run: (jail, _, options) => jail.destroy({ forceStop: true, ...options }),
  clean: destroyAll,
  final: true,
}

/** Where jails come to their files from, and what else is theirs while they run. */
const backends: Readonly<
  Record<string, { properties: object; ready?: (jail: JailGenerator, release: string) => Promise<void> }>
> = {
  'a nullfs basejail': {
    properties: { basejail: 'yes' },
    ready: async (jail) => {
      await rm(join(jail.rootPath, 'usr/bin'), { recursive: true })
      await symlink('/nowhere', join(jail.rootPath, 'usr/bin'))
    },
  },
  'a zfs basejail': {
    properties: { basejail: 'yes', basejail_type: 'zfs' },
    ready: async ({ host: { zfs, datasets } }, release) => {
      const root = `${datasets.main.base}/${release}/root`
      if (await zfs.exists(root)) return
      for (const name of [datasets.main.base, `${datasets.main.base}/${release}`, root, `${root}/bin`, `${root}/usr`]) {
        await zfs.create(name)
        await zfs.mount(name)
      }
      await zfs.create(`${root}/usr/bin`)
      await zfs.mount(`${root}/usr/bin`)
      await cp(join(datasets.path(`${datasets.main.releases}/${release}/root`), 'bin'), datasets.path(`${root}/bin`), {
        recursive: true,
      })
      await zfs.snapshot([`${root}/bin@p0`, `${root}/usr/bin@p0`])
    },
  },
  'a jail that is given datasets': {
    properties: { jail_zfs: 'yes', jail_zfs_dataset: 'verb-one verb-two' },
    ready: async ({ host: { zfs, datasets } }) => {
      for (const name of ['verb-one', 'verb-two']) {
        await zfs.create(`${datasets.main.pool}/${name}`)
        await zfs.set(`${datasets.main.pool}/${name}`, { zoned: 'on' })
      }
    },
  },
}

/** What a verb of a jail does on each of them that differs: how a jail is made is the same on all. */
function ofBackends(): Record<string, Verb> {
  return Object.fromEntries(
    Object.entries(backends).flatMap(([name, { properties, ready }]) => {
      const made: Verb['ready'] = async (jail, world) => {
        await drain(jail.create(world.release, { properties: { ...full, ...properties } }))
        await ready?.(jail, world.release)
      }
      const running: Verb['ready'] = async (jail, world) => {
        await made(jail, world)
        await drain(jail.start())
      }
      /** Its base was put in place, where that is more than mounts. */
      const stopped: Verb['ready'] = async (jail, world) => {
        await running(jail, world)
        await drain(jail.stop())
      }
      const clean: Verb['clean'] = async (jail) => {
        await destroyAll(jail)
        const { zfs, datasets } = jail.host
        for (const dataset of ['verb-one', 'verb-two'].map((each) => `${datasets.main.pool}/${each}`)) {
          if (await zfs.exists(dataset)) await zfs.destroy(dataset)
        }
      }
      const ofDatasets: [string, Verb][] = [
        [
          `clone ${name}`,
          {
            ready: stopped,
            run: (jail, _, options) => other(jail, 'verb-clone').cloneFromJail(jail, options),
            clean,
          },
        ],
        [`rename ${name}`, { ready: stopped, run: (jail, _, options) => jail.rename('verb-clone', options), clean }],
      ]
      return [
        [`start ${name}`, { ready: made, run: (jail, _, options) => jail.start(options), clean }],
        [`stop ${name}`, { ...stop, ready: running, clean }],
        [`restart ${name}`, { ...restart, ready: running, clean }],
        [`destroy ${name}`, { ...destroyRunning, ready: running, clean }],
        ...(name === 'a zfs basejail' ? ofDatasets : []),
      ] satisfies [string, Verb][]
    }),
  )
}

/** A line that is not mounted, with paths that belong to the jail. */
const writeFstab = async (jail: JailGenerator): Promise<void> => {
  await writeFile(join(jail.path, 'fstab'), `${jail.path}\t${jail.rootPath}/mnt\tnullfs\tro,noauto\t0\t0\n`)
}

/** Every verb that changes something. Tests of plans, of faults and of kills run through this table: add new verbs here. */
export const verbs: Readonly<Record<string, Verb>> = {
  create: {
    ready: async () => {},
    run: (jail, world, options) => jail.create(world.release, { properties: full, ...options }),
    clean: destroyAll,
  },
  start: {
    ready: create,
    run: (jail, _, options) => jail.start(options),
    clean: destroyAll,
  },
  'start with a dependency': {
    ready: async (jail, world) => {
      await drain(new Generator('verb-base', { host: jail.host }).create(world.release))
      await drain(jail.create(world.release, { properties: { depends: 'verb-base' } }))
    },
    run: (jail, _, options) => jail.start(options),
    clean: destroyAll,
  },
  stop,
  'clone to a dataset': {
    ready: create,
    run: (jail, _, options) => jail.cloneToDataset(`${jail.host.datasets.main.jails}/verb-clone`, options),
    clean: destroyAll,
  },
  destroy: {
    ready: async (jail, world) => {
      await create(jail, world)
      await jail.host.zfs.snapshot([`${jail.rootDatasetName}@kept`])
    },
    run: (jail, _, options) => jail.destroy(options),
    clean: destroyAll,
    final: true,
  },
  'destroy while it runs': destroyRunning,
  'create from a template': {
    ready: (jail, world) => drain(other(jail, 'verb-base').create(world.release, { properties: { template: 'yes' } })),
    run: (jail, _, options) => jail.create(other(jail, 'verb-base'), options),
    clean: destroyAll,
  },
  'create from nothing': {
    ready: async () => {},
    run: (jail, _, options) => jail.createFromScratch(options),
    clean: destroyAll,
  },
  'clone from a jail': {
    ready: async (jail, world) => {
      await create(other(jail, 'verb-base'), world)
      await writeFstab(other(jail, 'verb-base'))
    },
    run: (jail, _, options) => jail.cloneFromJail(other(jail, 'verb-base'), options),
    clean: destroyAll,
  },
  'clone to a dataset that is replaced': {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(other(jail, 'verb-clone').createFromScratch())
    },
    run: (jail, _, options) => {
      const target = `${jail.host.datasets.main.jails}/verb-clone`
      return jail.cloneToDataset(target, { deleteExisting: true, ...options })
    },
    clean: destroyAll,
    final: true,
  },
  rename: {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.snapshots.create(jail.name))
      await writeFstab(jail)
    },
    run: (jail, _, options) => jail.rename('verb-clone', options),
    clean: destroyAll,
  },
  'convert to ZFS properties': {
    ready: create,
    run: (jail, _, options) => jail.save({ configType: 'zfs', ...options }),
    clean: destroyAll,
  },
  'convert from ZFS properties': {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.save({ configType: 'zfs' }))
    },
    run: (jail, _, options) => jail.save({ configType: 'ucl', ...options }),
    clean: destroyAll,
  },
  promote: {
    ready: async (jail, world) => {
      await create(other(jail, 'verb-base'), world)
      await drain(other(jail, 'verb-base').cloneToDataset(jail.datasetName))
    },
    run: (jail, _, options) => jail.promote(options),
    clean: destroyAll,
  },
  'restart softly': {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.start())
    },
    run: (jail, _, options) => jail.restart(options),
    clean: destroyAll,
    final: true,
  },
  'restart with a shutdown': restart,
  'run a single command': {
    ready: (jail, world) => drain(jail.create(world.release, { properties: { resolver: 'none' } })),
    run: (jail, _, options) => jail.forkExec('/bin/hello', options),
    clean: destroyAll,
  },
  'create a snapshot': {
    ready: create,
    run: (jail, _, options) => jail.snapshots.create('moment', options),
    clean: destroyAll,
  },
  'delete a snapshot': {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.snapshots.create('moment'))
    },
    run: (jail, _, options) => jail.snapshots.delete('moment', options),
    clean: destroyAll,
    final: true,
  },
  'roll back': {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.snapshots.create('moment'))
      await drain(jail.start())
    },
    run: (jail, _, options) => jail.snapshots.rollback('moment', { force: true, ...options }),
    clean: destroyAll,
    final: true,
  },
  'bring the base of a release to a new level': {
    ready: async ({ host }, world) => {
      const { zfs, datasets } = host
      if (!(await zfs.exists(datasets.main.base))) {
        await zfs.create(datasets.main.base)
        await zfs.mount(datasets.main.base)
      }
      const release = new ReleaseGenerator(world.release, { host })
      await drain(release.updateBase())
      // One directory is renewed, one is new.
      await writeFile(join(release.rootPath, 'usr/bin/verb'), 'new')
      await mkdir(join(release.rootPath, 'rescue'))
      await zfs.snapshot([`${release.rootDatasetName}@p1`])
    },
    run: ({ host }, world, options) => new ReleaseGenerator(world.release, { host }).updateBase(options),
    clean: async ({ host: { zfs, datasets } }) => {
      const { base, releases } = datasets.main
      const found = await zfs.list({ root: base, types: ['filesystem', 'snapshot'] })
      await zfs.destroySnaps(found.flatMap(({ name, type }) => (type === 'snapshot' ? [name] : [])))
      const filesystems = found.flatMap(({ name, type }) => (type === 'snapshot' ? [] : [name]))
      for (const name of filesystems.sort().reverse()) {
        await zfs.unmount(name)
        await zfs.destroy(name)
      }
      await rm(datasets.path(base), { recursive: true, force: true })
      for (const { name } of await zfs.list({ root: releases, types: ['snapshot'] })) {
        if (!name.endsWith('/root@p1')) continue
        await zfs.destroySnaps([name])
        const root = datasets.path(name.slice(0, -'@p1'.length))
        for (const path of ['usr/bin/verb', 'rescue']) await rm(join(root, path), { recursive: true, force: true })
      }
    },
  },
  'set properties': {
    ready: create,
    run: (jail, _, options) => jail.set({ boot: 'yes', 'user.note': 'x' }, options),
    clean: destroyAll,
  },
  'add a line to the fstab while it runs': {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.start())
    },
    run: (jail, _, options) => {
      const line = { source: `${jail.path}/root/etc`, destination: '/mnt/a' }
      return jail.fstab.addLine(line, { autoCreateDestination: true, ...options })
    },
    clean: destroyAll,
  },
  'remove a line of the fstab': {
    ready: async (jail, world) => {
      await create(jail, world)
      await writeFstab(jail)
    },
    run: (jail, _, options) => jail.fstab.removeLine(0, options),
    clean: destroyAll,
  },
  'replace in the fstab while it runs': {
    ready: async (jail, world) => {
      await stop.ready(jail, world)
      await drain(jail.fstab.addLine({ source: jail.path, destination: '/mnt' }))
    },
    run: (jail, _, options) =>
      jail.fstab.addLine(
        { source: jail.host.datasets.main.mountpoint, destination: '/mnt' },
        { replace: true, ...options },
      ),
    clean: destroyAll,
  },
  'remove from the fstab while it runs': {
    ready: async (jail, world) => {
      await stop.ready(jail, world)
      await drain(jail.fstab.addLine({ source: jail.path, destination: '/mnt' }))
    },
    run: (jail, _, options) => jail.fstab.removeLine(0, options),
    clean: destroyAll,
  },
  ...ofBackends(),
}
