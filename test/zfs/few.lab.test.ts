import { openZfs } from '@gaoler/zfs'
import { few, fewSync } from '../../packages/zfs/src/command/few.ts'
import { list, query } from '../../packages/zfs/src/command/list.ts'
import { run } from '../../packages/zfs/src/command/run.ts'
import { bindLzc } from '../../packages/zfs/src/lzc/bind.ts'
import type { Dataset, ListOptions } from '../../packages/zfs/src/zfs.ts'
import { assert, suite } from '../harness.ts'
import { makePool } from './pool.ts'

const test = suite('zfs/few datasets without a process')
const lzc = bindLzc()
const exists = (name: string): boolean => lzc.existsSync(name)
const types = ['filesystem', 'volume', 'snapshot'] as const
const properties = ['origin', 'clones', 'userrefs', 'createtxg', 'mountpoint', 'canmount', 'org.example:x', 'no:body']

const byKernel = (options: ListOptions) => few(query(options, exists), options, lzc)
// What the command says of several clones has no order.
const sorted = (datasets: readonly Dataset[] | undefined) =>
  datasets?.map(({ properties, ...rest }) => {
    const { clones } = properties
    const value = Array.isArray(clones?.value) ? clones.value.toSorted() : clones?.value
    return { ...rest, properties: { ...properties, ...(clones && { clones: { ...clones, value } }) } }
  })

test('the kernel says of every kind of dataset what the command says, in the same order', async () => {
  const pool = makePool()
  try {
    const zfs = openZfs()
    const [a, b] = [`${pool.name}/a`, `${pool.name}/a/b`]
    await zfs.create(a, { props: { 'org.example:x': 'two\tlines\nénd', mountpoint: '/tmp/few a' } })
    await zfs.create(b)
    await zfs.create(`${a}-c`, { props: { canmount: 0n } })
    await zfs.create(`${a}/legacy`)
    await zfs.set(`${a}/legacy`, { mountpoint: 'legacy', 'org.example:x': 'own' })
    await zfs.create(`${a}/none`)
    await zfs.set(`${a}/none`, { mountpoint: 'none', canmount: 'noauto' })
    await zfs.create(`${a}/none/below`)
    await zfs.create(`${a}/volume`, { type: 'zvol', props: { volsize: 1_048_576n } })
    // Not in the order of their names.
    for (const short of ['z', 'y', 'x']) await zfs.snapshot([`${b}@${short}`], { props: { 'org.example:x': short } })
    await zfs.hold({ [`${b}@y`]: 'kept' })
    for (const clone of ['clone1', 'clone2']) await zfs.clone(`${a}/${clone}`, `${b}@z`)
    for (const options of [
      { root: pool.name, types, properties },
      { root: pool.name, types: ['filesystem'], depth: 1, properties },
      { root: b, types: ['snapshot'], depth: 1, properties: ['createtxg'] },
      { root: a, types, depth: 0, properties: ['org.example:x', 'mountpoint'] },
      { root: `${b}@y`, types, depth: 0, properties },
    ] satisfies ListOptions[]) {
      const found = await byKernel(options)
      assert.ok(found, 'it asked the kernel')
      assert.equal(sorted(found), sorted(await run(list(options, exists))), JSON.stringify(options))
      assert.equal(fewSync(query(options, exists), options, lzc), found)
    }
    await zfs.release({ [`${b}@y`]: ['kept'] })
  } finally {
    pool.destroy()
  }
})

test('what only the command knows, and many, are left to it', async () => {
  const pool = makePool()
  try {
    for (let index = 0; index < 25; index++) lzc.snapshotSync([`${pool.name}@${index}`])
    for (const options of [
      { root: pool.name, types, properties: ['mounted'] },
      { root: pool.name, types: ['bookmark'], properties: ['createtxg'] },
      { root: `${pool.name}/nosuch`, types, properties: ['origin'] },
      { root: pool.name, types, properties: ['origin'] },
      { types, properties: ['origin'] },
    ] satisfies ListOptions[]) {
      assert.is(await byKernel(options), undefined, JSON.stringify(options))
    }
    const found = await openZfs().list({ root: pool.name, types: ['snapshot'], properties: ['createtxg'] })
    assert.is(found.length, 25)
  } finally {
    pool.destroy()
  }
})

test.run()
