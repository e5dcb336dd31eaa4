import { isAbsolute } from 'node:path'
import type { Operation, OperationOptions } from '@gaoler/core'
import { ZFSPoolInvalid, ZFSPoolUnavailable } from '../storage/errors.ts'
import { ActivationFailed, IocageNotActivated } from './errors.ts'
import type { HostBase, HostScope } from './host-base.ts'
import { ACTIVE, isActive } from './sources.ts'

export interface ActivateOptions extends OperationOptions {
  /** Where the root dataset is mounted: an absolute path. Default: where it is, or below its pool's directory. */
  readonly mountpoint?: string
}

export type DeactivateOptions = OperationOptions

/** Makes `pool` the one that holds jails, and no other; its root dataset is made where there is none. */
export function activate(host: HostBase, pool: string, options: ActivateOptions = {}): Operation<void> {
  const { mountpoint } = options
  return host.operation(
    'HostActivate',
    async (s) => {
      requirePoolsRule(host, pool)
      if (mountpoint !== undefined && !isAbsolute(mountpoint)) {
        throw new ActivationFailed({ pool, reason: `the mountpoint ${JSON.stringify(mountpoint)} is no absolute path` })
      }
      s.use(host.lock('activation', `activation of pool ${pool}`))
      await requirePool(s, pool)
      const root = `${pool}/iocage`
      for (const name of [root, `${root}/jails`, `${root}/releases`]) await s.host.ensureDataset({ name })
      if (mountpoint !== undefined) await setProperty(s, root, 'mountpoint', mountpoint)
      for (const other of await activePools(s)) if (other !== pool) await setProperty(s, other, ACTIVE, 'no')
      await setProperty(s, pool, ACTIVE, 'yes')
      host.datasets.reload()
    },
    { ...options, identifier: pool, payload: { pool } },
  )
}

/** No pool holds jails from now on; nothing is taken away. Throws IocageNotActivated. */
export function deactivate(host: HostBase, options: DeactivateOptions = {}): Operation<void> {
  return host.operation(
    'HostDeactivate',
    async (s) => {
      requirePoolsRule(host, host.datasets.activePool ?? 'of this host')
      s.use(host.lock('activation', 'deactivation'))
      const active = await activePools(s)
      if (active.length === 0) throw new IocageNotActivated()
      for (const pool of active) await setProperty(s, pool, ACTIVE, 'no')
      s.set({ pool: active[0] })
      host.datasets.reload()
    },
    options,
  )
}

function requirePoolsRule(host: HostBase, pool: string): void {
  const { origin } = host.datasets
  if (origin === 'explicit' || origin === 'rc.conf') {
    const where = origin === 'rc.conf' ? 'rc.conf' : 'whoever opened the host'
    throw new ActivationFailed({ pool, reason: `${where} says which datasets hold jails, and that comes first` })
  }
  // What another process has activated meanwhile counts.
  host.datasets.reload()
}

async function requirePool(s: HostScope, pool: string): Promise<void> {
  if (!/^[A-Za-z][A-Za-z0-9_.: -]*$/.test(pool)) {
    throw new ZFSPoolInvalid({ pool: pool.slice(0, 300), consequence: 'that is not the name of a pool' })
  }
  const pools = await s.host.listDatasets({ depth: 0, types: ['filesystem'] })
  if (!pools.some(({ name }) => name === pool)) throw new ZFSPoolUnavailable({ pool })
}

async function activePools(s: HostScope): Promise<string[]> {
  const pools = await s.host.listDatasets({ depth: 0, types: ['filesystem'], properties: [ACTIVE] })
  return pools.filter(({ properties }) => isActive(properties[ACTIVE]?.value)).map(({ name }) => name)
}

async function setProperty(s: HostScope, name: string, property: string, value: string): Promise<void> {
  const [found] = await s.host.listDatasets({ root: name, depth: 0, properties: [property] })
  const before = found?.properties[property]
  const previous = before?.source === 'local' ? String(before.value) : null
  if (previous !== value) await s.host.setProperty({ name, property, value, previous })
}
