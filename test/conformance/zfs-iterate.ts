import { OperationCancelled } from '@gaoler/core'
import { type Dataset, DatasetNotFound, FilesystemNotFound, holds, PropertyInvalid } from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, namesOf, refused } from './bench.ts'

const types = ['filesystem', 'volume', 'snapshot'] as const

async function gather<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const each of source) found.push(each)
  return found
}

/** Datasets one after the other, names alone, holds. */
export function iterateBehaviour({ test, zfs, whole, filesystem, fresh }: Bench): void {
  test('iterate gives what list gives, whatever is in a value', async () => {
    const name = await filesystem()
    for (const each of [`${name}/a`, `${name}/a/b`, `${name}/a-b`]) await zfs.create(each)
    await zfs.snapshot([`${name}@x`, `${name}/a@x`])
    await zfs.set(name, { quota: '1G', 'gaoler:x': `one\ttab\n${name}/a\ttype\t-\tfilesystem\né\u{1f389}` })
    const shapes = [
      { root: name },
      { root: name, depth: 1, types },
      { root: name, types, properties: ['quota', 'compression', 'creation', 'guid', 'origin'] },
      { root: name, types, properties: ['used', 'gaoler:x', 'mountpoint'] },
      { root: `${name}@x`, types, properties: ['clones', 'userrefs', 'avail'] },
      { root: `${name}@x`, properties: ['used'] },
    ] as const
    for (const shape of shapes) {
      const listed = await zfs.list(shape)
      const plain = (all: readonly { properties: object }[]) =>
        all.map((each) => ({ ...each, properties: { ...each.properties } }))
      assert.equal(plain(await gather(whole().iterate(shape))), plain(listed))
    }
    // A user property among them changes how the answer is read, and nothing else in it.
    const properties = ['quota', 'compression', 'creation', 'guid', 'origin', 'clones', 'mounted', 'atime'] as const
    const values = (all: readonly Dataset[]) =>
      all.map(({ name: of, properties: has }) => [of, properties.map((each) => has[each])])
    const withText = await zfs.list({ root: name, types, properties: [...properties, 'gaoler:unset'] })
    assert.equal(values(withText), values(await zfs.list({ root: name, types, properties })))
  })

  test('iterate can be left, is cancelled by a signal, and refuses what list refuses', async () => {
    const name = await filesystem()
    for (const each of ['a', 'b', 'c']) await zfs.create(`${name}/${each}`)
    for await (const first of whole().iterate({ root: name, properties: ['used'] })) {
      assert.is(first.name, name)
      break
    }
    const aborted = AbortSignal.abort('enough')
    await failure(OperationCancelled, undefined, () => gather(whole().iterate({ root: name, signal: aborted })))
    const missing = fresh()
    await failure(DatasetNotFound, missing, () => gather(whole().iterate({ root: missing })))
    await failure(DatasetNotFound, missing, () => gather(whole().iterate({ root: missing, properties: ['used'] })))
    const unknown = () => gather(whole().iterate({ root: name, properties: ['nosuch'] }))
    assert.is((await failure(PropertyInvalid, name, unknown)).details.property, 'nosuch')
  })

  test('names are those of a dataset and of all below it', async () => {
    const name = await filesystem()
    for (const each of [`${name}/a`, `${name}/a/b`, `${name}/a-b`]) await zfs.create(each)
    await zfs.create(`${name}/v`, { type: 'zvol', props: { volsize: '1M' } })
    await zfs.snapshot([`${name}/a@x`, `${name}/v@x`])
    // A clone to which nothing was written takes no space that its parent would tell of.
    await zfs.clone(`${name}/a/b/c`, `${name}/a@x`)
    await zfs.clone(`${name}/a/clone`, `${name}/a@x`)
    assert.equal(await zfs.names(name), namesOf(await zfs.list({ root: name })))
    assert.is((await zfs.names(name)).length, 7)
    assert.equal(await zfs.names(`${name}/a/b`), [`${name}/a/b`, `${name}/a/b/c`])
    for (const depth of [0, 1, 2]) {
      assert.equal(await zfs.names(name, { depth }), namesOf(await zfs.list({ root: name, depth })))
      const filesystems = namesOf(await zfs.list({ root: name, depth, types: ['filesystem'] }))
      assert.equal(await zfs.names(name, { depth, types: ['filesystem'] }), filesystems)
    }
    assert.equal(await zfs.names(`${name}/a/b`, { types: ['volume'] }), [])
    assert.equal(await zfs.names(name, { types: ['volume', 'filesystem'] }), await zfs.names(name))
    for (const options of [{ types: [] }, { types: ['snapshot'] }, { depth: '1' }, { depth: 0.5 }]) {
      const property = 'types' in options ? 'type' : 'depth'
      await refused(name, property, () => zfs.names(name, options as never))
      if (options.types?.[0] !== 'snapshot')
        await refused(name, property, () => zfs.list({ root: name, ...options } as never))
    }
    await failure(PropertyInvalid, name, () => zfs.names(name, { depth: -1 }))
    await failure(FilesystemNotFound, `${name}/nosuch`, () => zfs.names(`${name}/nosuch`))
  })

  test('holds of a tree are told with their tags and times', async () => {
    const name = await filesystem()
    await zfs.create(`${name}/a`)
    await zfs.snapshot([`${name}@x`, `${name}/a@x`])
    await zfs.snapshot([`${name}@y`])
    await zfs.hold({ [`${name}@x`]: 'one', [`${name}/a@x`]: '__proto__' })
    await zfs.hold({ [`${name}@x`]: 'two' })
    const found = await gather(holds(whole(), { root: name }))
    assert.equal(found.map(({ snapshot, tag }) => `${snapshot} ${tag}`).sort(), [
      `${name}/a@x __proto__`,
      `${name}@x one`,
      `${name}@x two`,
    ])
    for (const { since } of found) assert.ok(Math.abs(since.getTime() - Date.now()) < 600_000)
    await zfs.release({ [`${name}@x`]: ['one', 'two'], [`${name}/a@x`]: ['__proto__'] })
  })
}
