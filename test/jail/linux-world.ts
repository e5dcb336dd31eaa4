import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { drain } from '@gaoler/core'
import { HostGenerator, ReleaseGenerator } from '@gaoler/jail'
import { execa } from 'execa'
import { labPool } from '../../examples/support/lab-pool.ts'
import type { JailWorld } from '../conformance/jail-bench.ts'

const RUN = '/run/gaoler'

/** Real ZFS on a file-backed pool of the lab, with the Debian release. */
export async function linuxWorld(): Promise<JailWorld> {
  const pool = await labPool('jails')
  const host = HostGenerator.open({ platform: 'linux' })
  await drain(host.activate(pool.name))
  await drain(new ReleaseGenerator('debian-12', { host }).fetch({ mirror: process.env.GAOLER_LAB_MIRROR }))
  return {
    host,
    release: 'debian-12',
    snapshot: async () => [await zfsState(), ...runState(), ...mounts(), ...cgroups()].join('\n'),
    close: async () => pool[Symbol.asyncDispose](),
  }
}

/** Every dataset and snapshot, and every property that is not a default. */
async function zfsState(): Promise<string> {
  const list = await execa('zfs', ['list', '-Hp', '-t', 'all', '-o', 'name,guid,origin'])
  const set = await execa('zfs', ['get', '-Hp', '-s', 'local,received', 'all'])
  return `${list.stdout}\n${set.stdout}`
}

/** What is recorded of running jails; locks stay by design. */
function runState(): string[] {
  if (!existsSync(RUN)) return []
  return readdirSync(RUN, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.endsWith('.lock'))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()
}

function mounts(): string[] {
  const lines = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n')
  // The kernel mounts a snapshot when somebody looks into it, and unmounts it when nobody has for some minutes.
  const lasting = lines.filter((line) => !line.includes('/.zfs/snapshot/'))
  return lasting.map((line) => line.split(' ').slice(0, 3).join(' ')).sort()
}

function cgroups(): string[] {
  return readdirSync('/sys/fs/cgroup', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()
}
