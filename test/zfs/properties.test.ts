import { nativeProperty, type PropertyInput, propertyText, propertyValue, type Zfs } from '@gaoler/zfs'
import { propertyNames, propertyRow } from '../../packages/zfs/src/properties/names.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('zfs/properties')

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => {}

test('words, units and booleans become what the kernel keeps', async () => {
  const native: [string, PropertyInput, bigint | string][] = [
    ['recordsize', '128k', 131_072n],
    ['recsize', '1M', 1_048_576n],
    ['quota', 'none', 0n],
    ['quota', '1.5G', 1_610_612_736n],
    ['quota', 4096, 4096n],
    ['filesystem_limit', 'none', 2n ** 64n - 1n],
    ['compression', 'lz4', 15n],
    ['compress', 'zstd-19', 2448n],
    ['compression', 'zstd-fast-10', 14_352n],
    ['atime', true, 1n],
    ['atime', 'off', 0n],
    ['copies', '2', 2n],
    ['copies', 2, 2n],
    ['sharenfs', 'rw=@10.0.0.0/8', 'rw=@10.0.0.0/8'],
    ['a:b', '10G', '10G'],
    ['newer', 7n, 7n],
  ]
  for (const [property, given, wanted] of native) assert.is(nativeProperty(property, given), wanted, property)
  const wrong: [string, PropertyInput][] = [
    ['quota', 'lots'],
    ['quota', '1e3'],
    ['quota', -1],
    ['quota', 1.5],
    ['quota', true],
    ['compression', 'best'],
    ['compression', 17n],
    ['compression', '__proto__'],
    ['atime', '1'],
    ['a:b', 1n],
    ['mountpoint', false],
  ]
  for (const [property, given] of wrong) await thrown(() => nativeProperty(property, given))
})

test('every word of the table comes back from its number, or the word that ZFS prints for that', () => {
  for (const property of propertyNames()) {
    const { words = {}, initial } = propertyRow(property) ?? {}
    const first = new Map(
      Object.entries(words)
        .map(([word, number]) => [number, word])
        .reverse() as [number, string][],
    )
    for (const [word, number] of Object.entries(words)) {
      assert.is(nativeProperty(property, word), BigInt(number))
      assert.is(propertyText(property, BigInt(number)), first.get(number))
    }
    if (initial !== undefined) assert.is(propertyText(property, nativeProperty(property, initial)), initial, property)
  }
})

test('printed values are read by what they are', () => {
  const read: [string, string, unknown][] = [
    ['used', '123', 123n],
    ['quota', 'none', 0n],
    ['filesystem_limit', 'none', null],
    ['snapshot_count', '18446744073709551615', null],
    ['compressratio', '2.15', 2.15],
    ['mounted', 'yes', true],
    ['defer_destroy', 'off', false],
    ['compression', 'zstd', 'zstd'],
    ['canmount', 'noauto', 'noauto'],
    ['clones', 'tank/a,tank/b', ['tank/a', 'tank/b']],
    ['clones', '', []],
    ['origin', '-', null],
    ['userused@joe', '42', 42n],
    ['written@x', '-', null],
    ['a:b', '123', '123'],
    ['newer', 'x', 'x'],
  ]
  for (const [property, text, value] of read) assert.equal(propertyValue(property, text), value, property)
  assert.equal(propertyValue('creation', '1700000000'), new Date(1_700_000_000_000))
  assert.equal([propertyValue('clones', '-', 'snapshot'), propertyValue('clones', '-', 'volume')], [[], null])
  assert.is(propertyText('compressratio', 215n), '2.15')
})

test('the types of values follow from the names, and from the types of datasets', () => {
  // The compiler is what is tested.
  const check = async (zfs: Zfs, name: string): Promise<void> => {
    const [both] = await zfs.list({ properties: ['used', 'mounted', 'compression', 'creation', 'origin', 'a:b'] })
    if (!both) return
    same<typeof both.properties.used.value, bigint>(true)
    same<typeof both.properties.mounted.value, boolean | null>(true)
    same<typeof both.properties.creation.value, Date>(true)
    same<typeof both.properties.origin.value, string | null>(true)
    same<(typeof both.properties)['a:b']['value'], string | null>(true)
    const [filesystem] = zfs.listSync({ types: ['filesystem'], properties: ['mounted', 'canmount', 'userused@joe'] })
    if (!filesystem) return
    same<typeof filesystem.properties.mounted.value, boolean>(true)
    same<typeof filesystem.properties.canmount.value, 'on' | 'off' | 'noauto'>(true)
    same<(typeof filesystem.properties)['userused@joe']['value'], bigint | null>(true)
    const any = await zfs.get(name, ['used', 'userrefs'])
    same<typeof any.properties.used.value, bigint | null>(true)
    if (any.type === 'snapshot') same<typeof any.properties.userrefs.value, bigint>(true)
    // @ts-expect-error It was not asked for.
    any.properties.quota
  }
  assert.type(check, 'function')
})

test.run()
