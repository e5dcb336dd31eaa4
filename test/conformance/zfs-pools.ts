import {
  type CreatePoolOptions,
  NameInvalid,
  type PoolCommands,
  PoolExists,
  PoolNotFound,
  PropertyInvalid,
  type Zfs,
} from '@gaoler/zfs'
import { assert, suite } from '../harness.ts'
import { failure } from './bench.ts'

/** Pools of a ZFS, and what a new one of them is made of. */
export interface PoolsUnderTest {
  readonly zfs: Zfs
  /** A name that no pool has, of one that is destroyed in the end. */
  fresh(): string
  /** Options of a pool of its own devices; nothing is mounted where others could see it. */
  options(): CreatePoolOptions
  close(): void
}

type Face = {
  readonly [K in keyof PoolCommands]: (...args: Parameters<PoolCommands[K]>) => Promise<ReturnType<PoolCommands[K]>>
}

/** The behaviour that the pools of every implementation have, real or embedded, on both faces. */
export function poolsConformance(
  title: string,
  open: () => PoolsUnderTest,
  faces: readonly ('async' | 'sync')[] = ['async', 'sync'],
): void {
  for (const face of faces) {
    const test = suite(`${title} (${face})`)
    const under = open()
    const { zfs, fresh, options } = under
    test.after(() => under.close())
    const pools = new Proxy({} as Face, {
      get:
        (_, call: string) =>
        async (...args: unknown[]) =>
          (Reflect.get(zfs.pools, face === 'sync' ? `${call}Sync` : call) as (...args: unknown[]) => unknown)(...args),
    })

    test('a pool is made, listed, described and destroyed', async () => {
      const name = fresh()
      await pools.create(name, { ...options(), fsProperties: { compression: 'lz4', 'gaoler:x': 'y' } })
      assert.is(zfs.existsSync(name), true)
      const { compression, 'gaoler:x': own } = zfs.getSync(name, ['compression', 'gaoler:x']).properties
      assert.equal([compression?.value, own?.value], ['lz4', 'y'])
      const found = (await pools.list({ properties: ['health', 'free'] })).find((pool) => pool.name === name)
      assert.equal([found?.state, found?.properties.health?.value], ['ONLINE', 'ONLINE'])
      assert.ok((found?.properties.free?.value as bigint) > 0n)
      const status = await pools.status(name)
      assert.equal([status.name, status.state, status.errors, status.guid], [name, 'ONLINE', 0n, found?.guid])
      assert.is(status.vdevs.data.length, 1)
      assert.equal(status.vdevs.log, [])
      assert.ok(status.vdevs.data.every((vdev) => vdev.state === 'ONLINE' && vdev.readErrors === 0n))
      await failure(PoolExists, name, () => pools.create(name, options()))
      await pools.destroy(name)
      assert.is(zfs.existsSync(name), false)
      for (const call of [
        () => pools.destroy(name),
        () => pools.status(name),
        () => pools.get(name, []),
        () => pools.set(name, { comment: 'x' }),
      ]) {
        await failure(PoolNotFound, name, call)
      }
    })

    test('properties have types and sources', async () => {
      const name = fresh()
      await pools.create(name, { ...options(), properties: { comment: 'of mine', autotrim: true } })
      const wanted = ['comment', 'autotrim', 'autoexpand', 'readonly', 'guid', 'dedupratio', 'cap', 'allocated']
      const { properties, guid } = await pools.get(name, wanted)
      const read = Object.entries(properties).map(([property, { value, source }]) => [property, value, source])
      assert.equal(read, [
        ['comment', 'of mine', 'local'],
        ['autotrim', true, 'local'],
        ['autoexpand', false, 'default'],
        ['readonly', false, 'none'],
        ['guid', guid, 'none'],
        ['dedupratio', 1, 'none'],
        ['capacity', properties.capacity?.value, 'none'],
        ['allocated', properties.allocated?.value, 'none'],
      ])
      assert.type(properties.capacity?.value, 'number')
      await pools.set(name, { comment: 'another', autotrim: 'off', autoexpand: true })
      const after = (await pools.get(name, ['comment', 'autotrim', 'autoexpand'])).properties
      assert.equal(
        Object.values(after).map(({ value }) => value),
        ['another', false, true],
      )
      assert.is((await pools.get(name, ['all'])).properties.comment?.value, 'another')
    })

    test('what is no pool, property or value is refused', async () => {
      const name = fresh()
      for (const bad of ['', '-f', '--help', 'a/b', 'a@b', '1a', 'a\0b', 'mirror', 'raidz1', 'log']) {
        await failure(NameInvalid, bad, () => pools.create(bad, options()))
      }
      assert.is((await failure(Error, undefined, () => pools.create('x'.repeat(300), options()))).name, 'NameTooLong')
      for (const bad of ['-f', 'a/b', '']) await failure(NameInvalid, bad, () => pools.destroy(bad))
      await failure(PropertyInvalid, name, () =>
        pools.create(name, { ...options(), properties: { autotrim: 'maybe' } }),
      )
      await failure(PropertyInvalid, name, () => pools.create(name, { ...options(), fsProperties: { atime: 'maybe' } }))
      assert.is(zfs.existsSync(name), false)
      await pools.create(name, options())
      for (const [property, value] of [
        ['size', '1'],
        ['autotrim', 'maybe'],
        ['nosuch', '1'],
        ['-o', '1'],
      ] as const) {
        const error = await failure(PropertyInvalid, name, () => pools.set(name, { [property]: value }))
        assert.is(error.details.property, property)
      }
      const error = await failure(PropertyInvalid, undefined, () => pools.get(name, ['nosuch']))
      assert.is(error.details.property, 'nosuch')
    })

    test('what it does not support it refuses by name, and says so before', async () => {
      assert.is(zfs.pools.isSupported('create'), true)
      assert.is(zfs.pools.isSupported('nosuch' as 'list'), false)
      const real = zfs.kind === 'openzfs'
      for (const command of ['scrub', 'upgrade', 'history'] as const) {
        assert.is(zfs.pools.isSupported(command), real)
        const error = await failure(Error, undefined, () => pools[command]('nosuch'))
        assert.is(error.name, real ? 'PoolNotFound' : 'NotSupportedOnEmbedded')
      }
      const error = await failure(Error, undefined, () => zfs.pools.iostat('nosuch').next())
      assert.is(error.name, real ? 'PoolNotFound' : 'NotSupportedOnEmbedded')
    })

    test.run()
  }
}
