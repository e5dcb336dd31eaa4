import { nvlist } from '@gaoler/zfs'
import { takeList, unpackList } from '../../../packages/zfs/src/lzc/lists.ts'
import { compare, report, timed } from './compare.ts'
import { Pyzfs } from './pyzfs.ts'

// The result of a call: a list in C's memory becomes a value of the language. 1,000 pairs in nested lists.

const COUNT = 50

const list = Object.fromEntries(
  Array.from({ length: 100 }, (_, group) => [
    `tank/dataset-${group}`,
    Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`property-${index}`, BigInt(group * index)])),
  ]),
)
const packed = nvlist.encode(list)
using peer = new Pyzfs()
const python = () => peer.time('decode', packed.toString('base64'), COUNT)

const times = (work: () => unknown) => () =>
  timed(() => {
    for (let time = 0; time < COUNT; time++) work()
  })
report(
  'a list of 1,000 nested pairs out of C, to pyzfs',
  await compare(
    9,
    times(() => takeList(unpackList(packed))),
    python,
  ),
  3,
)
report(
  'the same, of its packed bytes',
  await compare(
    9,
    times(() => nvlist.decode(packed)),
    python,
  ),
  3,
)
