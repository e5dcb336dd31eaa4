import { DatasetNotFound } from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, refused } from './bench.ts'

/** Properties with their sources: reading, setting, inheriting. */
export function propertyBehaviour({ test, zfs, fresh, filesystem, value }: Bench): void {
  test('get gives values that programs can read, with their sources', async () => {
    const name = await filesystem()
    await zfs.create(`${name}/child`)
    await zfs.set(name, { quota: '10M', compression: 'lz4', 'gaoler:x': 'y' })
    const { properties, type } = await zfs.get(`${name}/child`, [
      'type',
      'compression',
      'quota',
      'creation',
      'gaoler:x',
    ])
    assert.is(type, 'filesystem')
    assert.equal(properties.type, { value: 'filesystem', source: 'none' })
    assert.equal(properties.compression, { value: 'lz4', source: 'inherited', from: name })
    assert.equal(properties.quota, { value: 0n, source: 'default' })
    assert.equal(properties['gaoler:x'], { value: 'y', source: 'inherited', from: name })
    assert.is(properties.creation.source, 'none')
    assert.ok(Math.abs(Number(properties.creation.value) - Date.now()) < 600_000, String(properties.creation.value))
    assert.equal((await zfs.get(name, ['quota'])).properties.quota, { value: 10_485_760n, source: 'local' })
  })

  test('what is not set, or does not apply, is null from nowhere', async () => {
    const name = await filesystem()
    await zfs.snapshot([`${name}@x`])
    assert.equal((await zfs.get(name, ['gaoler:unset'])).properties['gaoler:unset'], { value: null, source: 'none' })
    assert.equal((await zfs.get(`${name}@x`, ['quota'])).properties.quota, { value: null, source: 'none' })
    assert.equal((await zfs.get(name, ['origin'])).properties.origin, { value: null, source: 'none' })
  })

  test('all gives every property that applies, and the user properties of the dataset and of those above it', async () => {
    const name = await filesystem()
    await zfs.create(`${name}/child`, { props: { 'gaoler:own': 'a' } })
    await zfs.set(name, { 'gaoler:above': 'b' })
    const { properties } = await zfs.get(`${name}/child`, ['all'])
    assert.equal(properties['gaoler:own'], { value: 'a', source: 'local' })
    assert.equal(properties['gaoler:above'], { value: 'b', source: 'inherited', from: name })
    assert.is(properties.type?.value, 'filesystem')
    assert.ok(properties.used && properties.compression && !properties.volsize && !properties.all)
  })

  test('list and get give the properties asked for and no others', async () => {
    const name = await filesystem()
    assert.equal(Object.keys((await zfs.get(name, [])).properties), [])
    const [listed] = await zfs.list({ root: name, depth: 0, properties: ['used', 'mounted'] })
    assert.equal(Object.keys(listed?.properties ?? {}).sort(), ['mounted', 'used'])
    await refused(name, 'nosuch', () => zfs.get(name, ['used', 'nosuch']))
    await refused(name, 'nosuch', () => zfs.list({ root: name, properties: ['nosuch'] }))
    for (const bad of ['', '-o', 'a,b', 'a b', 'a=b', 'A:b']) {
      await refused(name, bad, () => zfs.get(name, [bad]))
    }
  })

  test('set takes several properties, any text in user properties, and the words of zfs', async () => {
    const name = await filesystem()
    const text = 'tab\there, =, --, "quoted", é, 字 and\nnewline '
    await zfs.set(name, { 'gaoler:text': text, 'gaoler:dash': '-x', 'gaoler:empty': '', quota: '20M', atime: 'off' })
    const { properties } = await zfs.get(name, ['gaoler:text', 'gaoler:dash', 'gaoler:empty', 'quota', 'atime'])
    const values = Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, property.value]))
    assert.equal(values, {
      'gaoler:text': text,
      'gaoler:dash': '-x',
      'gaoler:empty': '',
      quota: 20_971_520n,
      atime: false,
    })
    await zfs.set(name, { quota: 10_485_760n, atime: true, copies: 2n, filesystem_limit: 7, 'gaoler:dash': '-' })
    const again = (await zfs.get(name, ['quota', 'atime', 'copies', 'filesystem_limit', 'gaoler:dash'])).properties
    const read = Object.values(again).map((property) => property.value)
    assert.equal(read, [10_485_760n, true, '2', 7n, '-'])
    await zfs.set(name, { quota: 'none', filesystem_limit: 'none' })
    assert.is(await value(name, 'filesystem_limit'), null)
    assert.is(await value(name, 'quota'), 0n)
  })

  test('a text comes back as it was set, whatever is in it', async () => {
    const name = await filesystem()
    // Line breaks, and characters beyond U+FFFF: each alone, and both.
    const texts = ['\u{1f389}', 'two\nlines', '\u{1f389} two\n\u{20bb7}lines \u{1f389}', 'x\n', '\n\n']
    for (const text of texts) {
      await zfs.set(name, { 'gaoler:a': text, 'gaoler:b': 'true' })
      for (const properties of [['gaoler:a', 'gaoler:b'], ['all']]) {
        const read = await zfs.list({ root: name, depth: 0, properties })
        assert.is(read.length, 1)
        assert.is(read[0]?.properties['gaoler:a']?.value, text)
        assert.is(read[0]?.properties['gaoler:b']?.value, 'true')
      }
    }
  })

  test('a value that is too long is refused by its name', async () => {
    const name = await filesystem()
    await zfs.set(name, { 'gaoler:long': 'é'.repeat(4095) })
    assert.is(await value(name, 'gaoler:long'), 'é'.repeat(4095))
    for (const length of [8192, 1_000_000]) {
      await refused(name, 'gaoler:long', () => zfs.set(name, { 'gaoler:long': 'x'.repeat(length) }))
    }
  })

  test('set works on snapshots with user properties', async () => {
    const name = await filesystem()
    await zfs.snapshot([`${name}@x`])
    await zfs.set(`${name}@x`, { 'gaoler:x': 'y' })
    assert.is(await value(`${name}@x`, 'gaoler:x'), 'y')
    await refused(`${name}@x`, 'quota', () => zfs.set(`${name}@x`, { quota: '1M' }))
  })

  test('set refuses unknown, read-only and wrong values, and then sets nothing', async () => {
    const name = await filesystem()
    const wrong = {
      nosuch: 'x',
      used: '1',
      quota: 'lots',
      compression: 'best',
      'a:b': 'x\0y',
      recordsize: 3000n,
      mountpoint: 'here',
    }
    for (const [property, given] of Object.entries(wrong)) {
      await refused(name, property, () => zfs.set(name, { [property]: given }))
    }
    await refused(name, 'nosuch', () => zfs.set(name, { 'gaoler:x': 'y', nosuch: 'x' }))
    assert.is(await value(name, 'gaoler:x'), null)
  })

  test('set and inherit refuse what is missing', async () => {
    const missing = fresh()
    await failure(DatasetNotFound, missing, () => zfs.set(missing, { atime: 'off' }))
    await failure(DatasetNotFound, missing, () => zfs.inherit(missing, 'atime'))
    await failure(DatasetNotFound, missing, () => zfs.set(missing, {}))
  })

  test('inherit clears a local value', async () => {
    const name = await filesystem()
    await zfs.create(`${name}/child`)
    await zfs.set(name, { atime: 'off' })
    await zfs.set(`${name}/child`, { atime: 'on', 'gaoler:x': 'y' })
    await zfs.inherit(`${name}/child`, 'atime')
    await zfs.inherit(`${name}/child`, 'gaoler:x')
    const { properties } = await zfs.get(`${name}/child`, ['atime', 'gaoler:x'])
    assert.equal(properties.atime, { value: false, source: 'inherited', from: name })
    assert.equal(properties['gaoler:x'], { value: null, source: 'none' })
    await refused(name, 'nosuch', () => zfs.inherit(name, 'nosuch'))
    await refused(name, 'quota', () => zfs.inherit(name, 'quota'))
    await refused(name, 'used', () => zfs.inherit(name, 'used'))
  })
}
