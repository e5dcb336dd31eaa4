import { openZfs } from '@gaoler/zfs'
import { makePool } from '../../zfs/pool.ts'
import { type Compared, notSlower, report, timed } from './compare.ts'
import { alone } from './nothing.ts'
import { Pyzfs } from './pyzfs.ts'

// 500 snapshots in one call, beside pyzfs. Both wait for the same transaction group.

const COUNT = 500
const ROUNDS = 16

const zfs = openZfs()
const namesOf = (root: string): string[] => Array.from({ length: COUNT }, (_, index) => `${root}/${index}`)
if (process.argv[2] === 'alone') {
  const names = namesOf('tank').map((name) => `${name}@ours`)
  for (let time = 0; time < 100; time++) console.log(await timed(() => zfs.snapshotSync(names)))
} else {
  const pool = makePool(1024)
  try {
    await measure(`${pool.name}/all`)
  } finally {
    pool.destroy()
  }
}

async function measure(root: string): Promise<void> {
  zfs.createSync(root, { props: { mountpoint: 'none' } })
  const names = namesOf(root)
  await Promise.all(names.map((name) => zfs.create(name)))
  const [own, other] = [names.map((name) => `${name}@ours`), names.map((name) => `${name}@pyzfs`)]
  using peer = new Pyzfs()
  const [taken, destroyed]: [Compared[], Compared[]] = [[], []]
  const ours = async () => [await timed(() => zfs.snapshotSync(own)), await timed(() => zfs.destroySnapsSync(own))]
  const theirs = async () => [await peer.time('snapshot', other), await peer.time('destroy', other)]
  // They have to be taken before they can be destroyed: so both are measured in one round. Who is first changes.
  for (let round = 0; round <= ROUNDS; round++) {
    const before = round % 2 === 0 ? await theirs() : undefined
    const [take = 0, destroy = 0] = await ours()
    const [taking = 0, destroying = 0] = before ?? (await theirs())
    if (round === 0) continue
    taken.push({ ours: take, peer: taking, ratio: taking / take })
    destroyed.push({ ours: destroy, peer: destroying, ratio: destroying / destroy })
  }
  report('snapshots of 500 datasets in one call, to pyzfs', median(taken), notSlower)
  report('destroying them in one call, to pyzfs', median(destroyed), notSlower)
  await alone(import.meta.filename, 'the first', (stub) => stub.time('snapshot', other))
}

function median(all: Compared[]): Compared {
  return all.sort((a, b) => a.ratio - b.ratio)[all.length >> 1] as Compared
}
