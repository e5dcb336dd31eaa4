import { DeviceNameInvalid, NameInvalid, NameTooLong, PoolNotFound } from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { cleanUp, directory, files, pools } from './pools-fixture.ts'

const test = suite('zfs/pool-input')
test.after(cleanUp)

test('no name, device or path is ever an option of the command', async () => {
  const [device] = files(1) as [string]
  const hostile = ['-f', '--help', '', 'a\0b', 'a/b', 'a@b', '1a', 'x'.repeat(300), '$(touch x)', 'a\nb']
  for (const name of hostile) {
    for (const call of [
      () => pools.create(name, { vdevs: { data: [device] } }),
      () => pools.destroy(name),
      () => pools.status(name),
      () => pools.get(name, []),
      () => pools.set(name, { comment: 'x' }),
      () => pools.export(name),
      () => pools.import(name),
      () => pools.import('tank', { newName: name }),
      () => pools.add(name, { data: [device] }),
      () => pools.split('tank', name),
      () => pools.scrub(name),
      () => pools.upgrade(name),
      () => pools.history(name),
      () => pools.iostat(name).next(),
    ]) {
      const error = await thrown(call)
      assert.ok(error instanceof NameInvalid || error instanceof NameTooLong, `${call}: ${error}`)
    }
  }
  for (const device of [
    '-f',
    '',
    'mirror',
    'raidz2',
    'log',
    'spare',
    '../x',
    '/a\nb',
    '/a\0b',
    `/${'x'.repeat(2000)}`,
  ]) {
    for (const call of [
      () => pools.create('tank', { vdevs: { data: [device] } }),
      () => pools.add('tank', { cache: [device] }),
      () => pools.attach('tank', '/a', device),
      () => pools.attach('tank', device, '/a'),
      () => pools.detach('tank', device),
      () => pools.replace('tank', device),
      () => pools.offline('tank', device),
      () => pools.online('tank', device),
      () => pools.clear('tank', device),
      () => pools.remove('tank', [device]),
      () => pools.trim('tank', { devices: [device] }),
    ]) {
      const error = await thrown(call)
      assert.instance(error, DeviceNameInvalid, `${call}: ${error}`)
    }
  }
  for (const path of ['-R', 'relative', '/a\nb']) {
    assert.is((await thrown(() => pools.import('tank', { directories: [path] }))).name, 'ArgumentInvalid')
    assert.is((await thrown(() => pools.import('tank', { altroot: path }))).name, 'ArgumentInvalid')
    assert.is((await thrown(() => pools.importable({ devices: [path] }))).name, 'ArgumentInvalid')
  }
  for (const call of [
    () => pools.scrub('tank', { command: '-s' as 'stop' }),
    () => pools.trim('tank', { command: 'x' as 'start' }),
    () => pools.trim('tank', { rate: -1 }),
    () => pools.remove('tank', []),
    () => pools.iostat('tank', { interval: 0 }).next(),
    () => pools.events({ from: -1n }).next(),
  ]) {
    assert.is((await thrown(call)).name, 'ArgumentInvalid', String(call))
  }
})

test('what is not there is PoolNotFound for every command', async () => {
  for (const call of [
    () => pools.destroy('nosuch'),
    () => pools.status('nosuch'),
    () => pools.get('nosuch', []),
    () => pools.set('nosuch', { comment: 'x' }),
    () => pools.import('nosuch', { directories: [directory] }),
    () => pools.add('nosuch', { data: files(1) }),
    () => pools.detach('nosuch', '/a'),
    () => pools.scrub('nosuch'),
    () => pools.upgrade('nosuch'),
    () => pools.history('nosuch'),
    () => pools.iostat('nosuch').next(),
  ]) {
    const error = await thrown(call)
    assert.instance(error, PoolNotFound, `${call}: ${error}`)
  }
})

test.run()
