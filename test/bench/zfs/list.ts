import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { openZfs } from '@gaoler/zfs'
import { makePool } from '../../zfs/pool.ts'
import { compare, notSlower, report, timed } from './compare.ts'

// Lists of 2,000 datasets, each with four snapshots, beside the command `zfs` through a pipe.

const DATASETS = 2000
const ROUNDS = 3
const sets = {
  'that nobody can set': ['used', 'referenced', 'creation', 'guid', 'written'],
  'with their sources': ['compression', 'quota', 'recordsize', 'atime', 'checksum'],
  'with their sources, mountpoints among them': ['compression', 'mountpoint', 'quota', 'recordsize', 'atime'],
}
const types = ['filesystem', 'volume', 'snapshot', 'bookmark'] as const

// What the kernel keeps of these datasets is 1.7 GB, more than the guest's cache may hold: then every list reads the pool
// anew, which takes ten times as long and differs from round to round.
writeFileSync('/sys/module/zfs/parameters/zfs_arc_max', String(3 * 2 ** 30))

const zfs = openZfs()
const pool = makePool(1024)
try {
  const root = `${pool.name}/list`
  zfs.createSync(root)
  for (let group = 0; group < DATASETS / 100; group++) {
    const parent = `${root}/group-${group}`
    zfs.createSync(parent)
    await Promise.all(Array.from({ length: 99 }, (_, index) => zfs.create(`${parent}/dataset-${index}`)))
  }
  const all = zfs.namesSync(root)
  const [datasets, entries] = [all.length, all.length * 5]

  const names = () => counted(datasets, () => piped('list', '-Hp', '-r', '-o', 'name', '-t', 'filesystem,volume', root))
  const ours = () => counted(datasets, async () => (await zfs.names(root)).length)
  const beside = (state: string): string => `names() of 2,000 datasets, ${state}, to \`zfs list -Hp -o name\``
  report(beside('not mounted'), await compare(ROUNDS, ours, names), 3)
  for (const short of ['a', 'b', 'c', 'd']) zfs.snapshotSync(all.map((name) => `${name}@${short}`))
  // The kernel opens each of these, to see whether it has children.
  report(beside('not mounted, with snapshots'), await compare(ROUNDS, ours, names), 3)
  execFileSync('zfs', ['mount', '-a'])
  report(beside('mounted, with snapshots'), await compare(ROUNDS, ours, names), 3)

  // First, for what a process once had it keeps for the next list.
  for (const [what, properties] of Object.entries(sets)) {
    const iterate = async (sample: (count: number) => void): Promise<void> => {
      let count = 0
      for await (const _ of zfs.iterate({ root, types, properties })) sample(++count)
    }
    reportMemory(`iterate() of 10,000 entries ${what}`, await growth(iterate))
    const list = async (sample: (count: number) => void): Promise<void> => {
      const all = await zfs.list({ root, types, properties })
      sample(0)
      if (all.length !== entries) throw new Error(`${all.length} entries were seen of ${entries}`)
    }
    reportMemory(`list() of 10,000 entries ${what}`, await growth(list))
  }

  for (const [what, properties] of Object.entries(sets)) {
    const columns = ['name', ...properties].join(',')
    const peer = () => counted(entries, () => piped('list', '-Hp', '-r', '-t', 'all', '-o', columns, root))
    const listed = () => counted(entries, async () => (await zfs.list({ root, types, properties })).length)
    report(`list() of 10,000 entries with 5 properties ${what}`, await compare(ROUNDS, listed, peer), notSlower)
  }
} finally {
  pool.destroy()
}

/** MiB by which this process grows while it does that, sampled every 200 calls. */
async function growth(work: (sample: (count: number) => void) => Promise<void>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let most = before
  await work((count) => {
    if (count % 200 === 0) most = Math.max(most, process.memoryUsage().rss)
  })
  return (most - before) / 1_048_576
}

function reportMemory(what: string, more: number): void {
  console.log(`memory of ${what}: ${more.toFixed(0)} MiB more   ${more < 100 ? 'met' : 'NOT MET'}: below 100 MiB`)
}

function counted(wanted: number, work: () => Promise<number>): Promise<number> {
  return timed(async () => {
    const found = await work()
    if (found !== wanted) throw new Error(`${found} entries were seen of ${wanted}`)
  })
}

/** Runs the command and counts the lines that come out of the pipe. */
function piped(...args: string[]): Promise<number> {
  const child = spawn('zfs', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let lines = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(lines))
  })
}
