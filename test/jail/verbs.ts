import { drain, type Operation, type OperationOptions } from '@gaoler/core'
import type { JailGenerator } from '@gaoler/jail'
import { JailGenerator as Generator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail.ts'

/** A verb as the tables of tests know it: what it needs, how it is run, and what takes away what it leaves. */
export interface Verb {
  readonly ready: (jail: JailGenerator, world: JailWorld) => Promise<unknown>
  readonly run: (jail: JailGenerator, world: JailWorld, options: OperationOptions) => Operation<unknown>
  readonly clean: (jail: JailGenerator) => Promise<unknown>
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

const create = (jail: JailGenerator, world: JailWorld): Promise<void> =>
  drain(jail.create(world.release, { properties: full }))

const destroyAll = async (jail: JailGenerator): Promise<void> => {
  for (const name of ['verb-clone', jail.name, 'verb-base']) {
    const each = new Generator(name, { host: jail.host })
    if (each.exists) await drain(each.destroy({ forceStop: true }))
  }
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
  stop: {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.start())
    },
    run: (jail, _, options) => jail.stop(options),
    clean: destroyAll,
  },
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
  },
  'destroy while it runs': {
    ready: async (jail, world) => {
      await create(jail, world)
      await drain(jail.start())
    },
    run: (jail, _, options) => jail.destroy({ forceStop: true, ...options }),
    clean: destroyAll,
  },
}
