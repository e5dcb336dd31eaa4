import { openZfs } from '@gaoler/zfs'
import { makePool } from '../../zfs/pool.ts'
import { type Compared, compare, report, timed } from './compare.ts'
import { Pyzfs } from './pyzfs.ts'

// 500 snapshots in one call, beside pyzfs. Both wait for the same transaction group.

const COUNT = 500

const zfs = openZfs()
const pool = makePool(1024)
try {
  zfs.createSync(`${pool.name}/all`, { props: { mountpoint: 'none' } })
  const names = Array.from({ length: COUNT }, (_, index) => `${pool.name}/all/${index}`)
  await Promise.all(names.map((name) => zfs.create(name)))
  const [own, other] = [names.map((name) => `${name}@ours`), names.map((name) => `${name}@pyzfs`)]
  using peer = new Pyzfs()
  const [taken, destroyed]: [Compared[], Compared[]] = [[], []]
  // They have to be taken before they can be destroyed: so both are measured by turns.
  await compare(
    9,
    async () => {
      const [take, destroy] = [await timed(() => zfs.snapshotSync(own)), await timed(() => zfs.destroySnapsSync(own))]
      add(taken, take, await peer.time('snapshot', other))
      add(destroyed, destroy, await peer.time('destroy', other))
      return take + destroy
    },
    () => 0,
  )
  report('snapshots of 500 datasets in one call, to pyzfs', median(taken), 1)
  report('destroying them in one call, to pyzfs', median(destroyed), 1)
} finally {
  pool.destroy()
}

function add(all: Compared[], ours: number, peer: number): void {
  all.push({ ours, peer, ratio: peer / ours })
}

function median(all: Compared[]): Compared {
  return all.sort((a, b) => a.ratio - b.ratio)[all.length >> 1] as Compared
}
