import { spawn } from 'node:child_process'
import { openZfs } from '@gaoler/zfs'
import { makePool } from '../zfs/pool.ts'

// Listing beside the command `zfs` through a pipe, on real ZFS: pnpm lab -- node test/named.ts bench zfs-list.
// Each pair is measured in turns, and the median of the ratios is shown: the machine may be busy.

const DATASETS = Number(process.argv[2] ?? 2000)
const ROUNDS = 3
const properties = ['used', 'referenced', 'creation', 'guid', 'compression'] as const
const types = ['filesystem', 'volume', 'snapshot', 'bookmark'] as const

const zfs = openZfs()
const pool = makePool()
try {
  const root = `${pool.name}/list`
  zfs.createSync(root, { props: { mountpoint: 'none' } })
  for (let group = 0; group < DATASETS / 100; group++) {
    const parent = `${root}/group-${group}`
    zfs.createSync(parent)
    await Promise.all(Array.from({ length: 99 }, (_, index) => zfs.create(`${parent}/dataset-${index}`)))
  }
  const all = zfs.namesSync(root)
  for (const short of ['a', 'b', 'c', 'd']) zfs.snapshotSync(all.map((name) => `${name}@${short}`))
  console.log(`${all.length} datasets, ${all.length * 4} snapshots; medians of ${ROUNDS} rounds`)

  await compare(
    'names: zfs list -Hp -o name / names()',
    () => piped('list', '-Hp', '-r', '-o', 'name', '-t', 'filesystem,volume', root),
    async () => (await zfs.names(root)).length,
  )
  const columns = ['name', ...properties].join(',')
  const command = () => piped('list', '-Hp', '-r', '-t', 'all', '-o', columns, root)
  await compare('all with 5 properties: zfs list / list()', command, async () => {
    return (await zfs.list({ root, types, properties })).length
  })
  await compare('all with 5 properties: zfs list / iterate()', command, async () => {
    let count = 0
    for await (const _ of zfs.iterate({ root, types, properties })) count++
    return count
  })

  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let most = before
  let count = 0
  for await (const _ of zfs.iterate({ root, types, properties })) {
    if (++count % 200 === 0) most = Math.max(most, process.memoryUsage().rss)
  }
  const mib = (bytes: number): string => (bytes / 1_048_576).toFixed(0)
  console.log(
    `memory of ${count} entries, one after the other: ${mib(most - before)} MiB more than ${mib(before)} before`,
  )
} finally {
  pool.destroy()
}

async function compare(title: string, peer: () => Promise<number>, ours: () => Promise<number>): Promise<void> {
  const rounds: { ratio: number; peer: number; ours: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const [one, other] = [await timed(peer), await timed(ours)]
    if (one.count !== other.count) throw new Error(`${title}: ${one.count} and ${other.count} entries`)
    rounds.push({ ratio: one.ms / other.ms, peer: one.ms, ours: other.ms })
  }
  rounds.sort((a, b) => a.ratio - b.ratio)
  const median = rounds[Math.floor(ROUNDS / 2)]
  if (median)
    console.log(`${title}: ${median.ratio.toFixed(2)} (${median.peer.toFixed(0)} / ${median.ours.toFixed(0)} ms)`)
}

async function timed(work: () => Promise<number>): Promise<{ ms: number; count: number }> {
  const start = performance.now()
  const count = await work()
  return { ms: performance.now() - start, count }
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
