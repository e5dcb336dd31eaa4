import {
  HoldFailure,
  HoldReleaseFailure,
  SnapshotDestructionFailure,
  SnapshotFailure,
  SnapshotNotFound,
} from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, failures } from './bench.ts'

/** Snapshots, their destruction, and their holds: one call, several names, all or nothing. */
export function snapshotBehaviour({ test, zfs, fresh, filesystem, value }: Bench): void {
  /** A new filesystem with a snapshot `x`. */
  const snapshotted = async (): Promise<string> => {
    const name = await filesystem()
    await zfs.snapshot([`${name}@x`])
    return name
  }

  test('snapshot makes all that were named, with user properties', async () => {
    const [a, b] = [await filesystem(), await filesystem()]
    await zfs.snapshot([`${a}@x`, `${b}@x`, `${a}@x`], { props: { 'gaoler:why': 'a test' } })
    for (const name of [a, b]) {
      const { type, properties } = await zfs.get(`${name}@x`, ['gaoler:why'])
      assert.is(type, 'snapshot')
      assert.equal(properties['gaoler:why'], { value: 'a test', source: 'local' })
    }
  })

  test('snapshot makes none when one cannot be made', async () => {
    const [a, b, missing] = [await snapshotted(), await filesystem(), fresh()]
    const call = (names: readonly string[]): Promise<string[]> => failures(SnapshotFailure, () => zfs.snapshot(names))
    assert.equal(await call([`${b}@x`, `${a}@x`]), [`SnapshotExists ${a}@x`])
    assert.is(await zfs.exists(`${b}@x`), false)
    assert.equal(await call([`${b}@x`, `${missing}@x`]), [`FilesystemNotFound ${missing}`])
    assert.is(await zfs.exists(`${b}@x`), false)
  })

  test('snapshot refuses two of one filesystem, two pools and bad names', async () => {
    const [a, b] = [await filesystem(), await filesystem()]
    const call = (names: readonly string[]): Promise<string[]> => failures(SnapshotFailure, () => zfs.snapshot(names))
    assert.equal(await call([`${a}@x`, `${b}@x`, `${a}@y`]), [`DuplicateSnapshots ${a}@y`])
    assert.equal(await call([`${a}@x`, 'nosuchpool/b@x']), ['PoolsDiffer nosuchpool/b@x'])
    assert.equal(await call([`${a}@x`, a, `${b}@é`]), [`SnapshotNameInvalid ${a}`, `SnapshotNameInvalid ${b}@é`])
    const long = `${b}@`.padEnd(256, 'x')
    assert.equal(await call([`${a}@x`, long]), [`NameTooLong ${long}`])
    assert.equal(await call(['nosuchpool/a@x']), ['FilesystemNotFound nosuchpool/a'])
    assert.is(await zfs.exists(`${a}@x`), false)
  })

  test('snapshot takes user properties only', async () => {
    const name = await filesystem()
    const call = (): Promise<void> => zfs.snapshot([`${name}@x`], { props: { atime: 'off' } })
    assert.equal(await failures(SnapshotFailure, call), [`PropertyInvalid ${name}@x`])
  })

  test('calls on no names do nothing', async () => {
    await zfs.snapshot([])
    await zfs.destroySnaps([])
    assert.equal(await zfs.hold({}), [])
    assert.equal(await zfs.release({}), [])
  })

  test('destroySnaps ignores what is missing, and wants one pool and good names', async () => {
    const name = await snapshotted()
    await zfs.destroySnaps([`${name}@nosuch`, `${name}@x`, `${fresh()}@x`])
    assert.is(await zfs.exists(`${name}@x`), false)
    const call = (names: readonly string[]): Promise<string[]> =>
      failures(SnapshotDestructionFailure, () => zfs.destroySnaps(names))
    assert.equal(await call([`${name}@x`, 'nosuchpool/a@x']), ['PoolsDiffer nosuchpool/a@x'])
    assert.equal(await call(['nosuchpool/a@x']), ['PoolNotFound nosuchpool'])
    assert.equal(await call([name]), [`SnapshotNameInvalid ${name}`])
  })

  test('a clone pins its origin: destroySnaps fails for all, or waits when deferred', async () => {
    const [origin, other, clone] = [await snapshotted(), await snapshotted(), fresh()]
    await zfs.clone(clone, `${origin}@x`)
    const call = (): Promise<void> => zfs.destroySnaps([`${other}@x`, `${origin}@x`])
    assert.equal(await failures(SnapshotDestructionFailure, call), [`SnapshotIsCloned ${origin}@x`])
    assert.is(await zfs.exists(`${other}@x`), true)
    await zfs.destroySnaps([`${origin}@x`], { defer: true })
    assert.is(await value(`${origin}@x`, 'defer_destroy'), true)
    await zfs.destroy(clone)
    assert.is(await zfs.exists(`${origin}@x`), false)
  })

  test('a held snapshot is not destroyed, or only when its last hold is released', async () => {
    const name = await snapshotted()
    assert.equal(await zfs.hold({ [`${name}@x`]: 'keep' }), [])
    const call = (): Promise<void> => zfs.destroySnaps([`${name}@x`])
    assert.equal(await failures(SnapshotDestructionFailure, call), [`SnapshotIsHeld ${name}@x`])
    await zfs.destroySnaps([`${name}@x`], { defer: true })
    assert.is(await zfs.exists(`${name}@x`), true)
    assert.equal(await zfs.release({ [`${name}@x`]: ['keep'] }), [])
    assert.is(await zfs.exists(`${name}@x`), false)
  })

  test('deferred destruction of a free snapshot is immediate', async () => {
    const name = await snapshotted()
    await zfs.destroySnaps([`${name}@x`], { defer: true })
    assert.is(await zfs.exists(`${name}@x`), false)
  })

  test('getHolds gives tags with their times, whatever their names', async () => {
    const name = await snapshotted()
    const snapshot = `${name}@x`
    const before = BigInt(Math.floor(Date.now() / 1000))
    for (const tag of ['keep', '__proto__', 'with space', 'é']) await zfs.hold({ [snapshot]: tag })
    const holds = await zfs.getHolds(snapshot)
    assert.equal(Object.keys(holds).sort(), ['__proto__', 'keep', 'with space', 'é'])
    for (const tag of Object.keys(holds)) assert.ok((holds[tag] as bigint) >= before - 1n, `${tag}: ${holds[tag]}`)
    assert.is(await value(snapshot, 'userrefs'), 4n)
    await failure(SnapshotNotFound, `${name}@y`, () => zfs.getHolds(`${name}@y`))
    assert.equal(Object.keys(await zfs.getHolds(snapshot)).length, 4)
  })

  test('hold names the snapshots that are missing and holds the others', async () => {
    const name = await snapshotted()
    const missing = await zfs.hold({ [`${name}@x`]: 'keep', [`${name}@y`]: 'keep' })
    assert.equal(missing, [`${name}@y`])
    assert.equal(Object.keys(await zfs.getHolds(`${name}@x`)), ['keep'])
  })

  test('hold refuses a tag that is there, one that is too long, two pools and bad names', async () => {
    const [name, other] = [await snapshotted(), await snapshotted()]
    await zfs.hold({ [`${name}@x`]: 'keep' })
    const call = (holds: Record<string, string>): Promise<string[]> => failures(HoldFailure, () => zfs.hold(holds))
    assert.equal(await call({ [`${other}@x`]: 'keep', [`${name}@x`]: 'keep' }), [`HoldExists ${name}@x`])
    assert.equal(Object.keys(await zfs.getHolds(`${other}@x`)), [])
    const long = 'x'.repeat(256)
    assert.equal(await call({ [`${name}@x`]: long }), [`NameTooLong ${long}`])
    assert.equal(await zfs.hold({ [`${name}@x`]: 'x'.repeat(255) }), [])
    assert.equal(await call({ [`${name}@x`]: 'a', 'nosuchpool/a@x': 'a' }), ['PoolsDiffer nosuchpool/a@x'])
    assert.equal(await call({ [name]: 'a' }), [`SnapshotNameInvalid ${name}`])
  })

  test('release names the snapshots and tags that are missing', async () => {
    const name = await snapshotted()
    await zfs.hold({ [`${name}@x`]: 'a' })
    await zfs.hold({ [`${name}@x`]: 'b' })
    const missing = await zfs.release({ [`${name}@x`]: ['a', 'nosuch'], [`${name}@y`]: ['a'] })
    assert.equal(missing.sort(), [`${name}@x#nosuch`, `${name}@y`])
    assert.equal(Object.keys(await zfs.getHolds(`${name}@x`)), ['b'])
    const call = (holds: Record<string, string[]>): Promise<string[]> =>
      failures(HoldReleaseFailure, () => zfs.release(holds))
    assert.equal(await call({ [`${name}@x`]: ['b'], 'nosuchpool/a@x': ['b'] }), ['PoolsDiffer nosuchpool/a@x'])
    assert.equal(await call({ [name]: ['b'] }), [`SnapshotNameInvalid ${name}`])
  })
}
