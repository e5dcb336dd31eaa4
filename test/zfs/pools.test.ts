import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import { poolsConformance } from '../conformance/zfs-pools.ts'
import { assert, suite, thrown } from '../harness.ts'
import { litter, scratch } from './embedded-fixture.ts'

const test = suite('zfs/pools of the embedded ZFS')
const home = scratch(test)

poolsConformance('zfs/pools embedded', () => {
  const zfs = embeddedZfs({ directory: mkdtempSync(join(home, 'pools-')) })
  let count = 0
  return {
    zfs,
    fresh: () => `tank${++count}`,
    options: () => ({ mountpoint: 'none' }),
    close: () => assert.equal(litter(zfs.directory), []),
  }
})

test('what has no devices refuses what is about devices', async () => {
  const { pools } = embeddedZfs({ directory: join(home, 'devices') })
  pools.createSync('tank', { properties: { comment: 'recorded' } })
  for (const call of [
    () => pools.create('other', { vdevs: { data: ['/a'] } }),
    () => pools.create('other', { altroot: '/a' }),
    () => pools.attach('tank', '/a', '/b'),
    () => pools.import('tank'),
    () => pools.export('tank'),
    () => pools.events().next(),
    () => pools.eventsSync().next(),
    () => pools.iostatSync('tank').next(),
  ]) {
    assert.is((await thrown(call)).name, 'NotSupportedOnEmbedded', String(call))
  }
  const [vdev] = (await pools.status('tank')).vdevs.data
  assert.equal([vdev?.type, vdev?.path], ['directory', join(home, 'devices')])
})

test('properties of a pool are kept on disk', () => {
  const directory = join(home, 'kept')
  embeddedZfs({ directory }).pools.createSync('tank')
  embeddedZfs({ directory }).pools.setSync('tank', { comment: 'kept' })
  const { properties } = embeddedZfs({ directory }).pools.getSync('tank', ['comment', 'failmode'])
  assert.equal([properties.comment?.value, properties.failmode?.source], ['kept', 'default'])
})

test.run()
