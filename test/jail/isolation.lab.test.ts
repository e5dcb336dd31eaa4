import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { execa } from 'execa'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite } from '../harness.ts'
import { linuxWorld } from './linux-world.ts'

const test = suite('jail/isolation')
const timeout = 60_000
let world: JailWorld
const jails: JailGenerator[] = []
const inside = async (jail: JailGenerator | undefined, script: string): Promise<string> => {
  const { stdout, stderr, code } = await drain((jail as JailGenerator).exec(['/bin/sh', '-c', script]))
  assert.is(code, 0, stderr ?? '')
  return (stdout as string).trim()
}

test.before(async () => {
  world = await linuxWorld()
  for (const name of ['one', 'two']) {
    const jail = new JailGenerator(name, { host: world.host })
    await drain(jail.create(world.release))
    await drain(jail.start())
    jails.push(jail)
  }
})
test.after(async () => {
  for (const jail of jails) await drain(jail.destroy({ forceStop: true }))
  await world.close()
})

test(
  'the jail has user, mount, pid, uts, ipc, network and cgroup namespaces of its own',
  async () => {
    const lines = await inside(
      jails[0],
      'for n in user mnt pid uts ipc net cgroup; do echo "$n $(readlink /proc/self/ns/$n)"; done',
    )
    for (const line of lines.split('\n')) {
      const [name = '', there] = line.split(' ')
      const here = readlinkSync(`/proc/self/ns/${name}`)
      assert.is.not(there, here, name)
      assert.match(there as string, /^[a-z]+:\[\d+\]$/)
    }
    assert.is(lines.split('\n').length, 7)
  },
  { timeout },
)

test(
  'its ids start at 100000 or above, and two jails have different ranges',
  async () => {
    const maps = await Promise.all(jails.map((jail) => inside(jail, 'cat /proc/self/uid_map /proc/self/gid_map')))
    const starts = maps.map((map) => map.split('\n').map((line) => Number(line.trim().split(/\s+/)[1])))
    for (const [uid = 0, gid = 0] of starts) assert.ok(uid >= 100_000 && gid >= 100_000)
    assert.is.not(starts[0]?.[0], starts[1]?.[0])
  },
  { timeout },
)

test(
  'pid 1 is the reaper, on the host its process is the jid, and nothing of the host is seen',
  async () => {
    assert.match(await inside(jails[0], 'cat /proc/1/comm'), /catatonit|tini/)
    const status = readFileSync(`/proc/${jails[0]?.jid}/status`, 'utf8')
    assert.match(status, /^NSpid:\s+\d+\s+1$/m)
    const pids = (await inside(jails[0], 'ls /proc')).split('\n').filter((name) => /^\d+$/.test(name))
    assert.ok(pids.length <= 4, `processes seen: ${pids}`)
    const mounts = await inside(jails[0], 'cat /proc/self/mounts')
    for (const line of mounts.split('\n')) assert.not.match(line, /hostfs|\/run\/gaoler|iocage\/jails\/two/)
  },
  { timeout },
)

test(
  'capabilities are bounded and no program can gain more',
  async () => {
    const status = await inside(jails[0], 'cat /proc/self/status')
    const bounding = BigInt(`0x${/^CapBnd:\s+([0-9a-f]+)$/m.exec(status)?.[1]}`)
    for (const [name, bit] of Object.entries({
      SYS_ADMIN: 21n,
      SYS_MODULE: 16n,
      SYS_PTRACE: 19n,
      SYS_BOOT: 22n,
      NET_ADMIN: 12n,
    })) {
      assert.is(bounding & (1n << bit), 0n, name)
    }
    assert.match(status, /^NoNewPrivs:\s+1$/m)
  },
  { timeout },
)

test(
  'what root makes in the jail belongs to uid 0 in the clone',
  async () => {
    await inside(jails[0], 'echo mine > /root/file')
    const found = statSync(join((jails[0] as JailGenerator).rootPath, 'root/file'))
    assert.equal([found.uid, found.gid], [0, 0])
  },
  { timeout },
)

test(
  'the root is a clone of the snapshot of the release',
  async () => {
    const { stdout } = await execa('zfs', [
      'get',
      '-Hp',
      '-o',
      'value',
      'origin',
      (jails[0] as JailGenerator).rootDatasetName,
    ])
    assert.is(stdout, `${world.host.datasets.main.releases}/debian-12/root@p0`)
  },
  { timeout },
)

test(
  'a jail has its own host name and its own loopback',
  async () => {
    assert.is(await inside(jails[0], 'hostname 2>/dev/null || cat /proc/sys/kernel/hostname'), 'one')
    assert.match(await inside(jails[0], 'cat /proc/net/dev'), /^\s*lo:/m)
    assert.is(readdirSync('/sys/class/net').includes('lo'), true)
  },
  { timeout },
)

test.run()
