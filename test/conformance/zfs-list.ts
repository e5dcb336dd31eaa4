import { type Dataset, DatasetNotFound, poolOf, SnapshotNotFound } from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, namesOf } from './bench.ts'

/** Listing datasets. */
export function listBehaviour({ test, zfs, root, fresh, filesystem }: Bench): void {
  test('list goes as deep as asked, parents before children', async () => {
    const name = await filesystem()
    for (const child of ['a', 'a/b', 'c']) await zfs.create(`${name}/${child}`)
    assert.equal(namesOf(await zfs.list({ root: name, depth: 0 })), [name])
    assert.equal(namesOf(await zfs.list({ root: name, depth: 1 })), [name, `${name}/a`, `${name}/c`])
    assert.equal(namesOf(await zfs.list({ root: name })), [name, `${name}/a`, `${name}/a/b`, `${name}/c`])
  })

  test('list gives the types asked for', async () => {
    const name = await filesystem()
    await zfs.create(`${name}/a`)
    await zfs.create(`${name}/v`, { type: 'zvol', props: { volsize: 1_048_576n } })
    await zfs.snapshot([`${name}@x`, `${name}/a@x`])
    const kinds = async (types?: readonly Dataset['type'][], depth?: number): Promise<string[]> =>
      (await zfs.list({ root: name, types, depth })).map(({ type, name: full }) => `${type} ${full.slice(name.length)}`)
    assert.equal(await kinds(), ['filesystem ', 'filesystem /a', 'volume /v'])
    assert.equal(await kinds(['volume']), ['volume /v'])
    assert.equal((await kinds(['snapshot'])).sort(), ['snapshot /a@x', 'snapshot @x'])
    assert.equal(await kinds(['snapshot'], 1), ['snapshot @x'])
    assert.equal(await kinds(['snapshot'], 0), [])
    assert.equal(await kinds(['bookmark']), [])
    assert.equal((await kinds(['filesystem', 'snapshot'], 1)).sort(), ['filesystem ', 'filesystem /a', 'snapshot @x'])
    assert.equal(namesOf(await zfs.list({ root: `${name}@x`, types: ['snapshot'] })), [`${name}@x`])
    // By default what is listed are filesystems and volumes.
    assert.equal(await zfs.list({ root: `${name}@x` }), [])
    await failure(SnapshotNotFound, `${name}@no`, () => zfs.list({ root: `${name}@no` }))
  })

  test('list without a root has every pool at depth 0', async () => {
    const names = namesOf(await zfs.list({ depth: 0 }))
    assert.ok(names.includes(poolOf(root())), names.join())
    assert.ok(
      names.every((name) => !name.includes('/')),
      names.join(),
    )
  })

  test('list and get refuse what is missing', async () => {
    const missing = fresh()
    await failure(DatasetNotFound, missing, () => zfs.list({ root: missing }))
    await failure(DatasetNotFound, missing, () => zfs.list({ root: missing, depth: 1, properties: ['used'] }))
    await failure(DatasetNotFound, missing, () => zfs.get(missing, ['used']))
    await failure(DatasetNotFound, `${root()}@nosuch`, () => zfs.get(`${root()}@nosuch`, []))
    await failure(DatasetNotFound, `${root()}#nosuch`, () => zfs.get(`${root()}#nosuch`, ['guid']))
    await failure(DatasetNotFound, 'nosuchpool', () => zfs.list({ root: 'nosuchpool' }))
  })
}
