import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { collect, drain, UsageError } from '@gaoler/core'
import {
  DefaultResourceGenerator,
  Jail,
  JailConfigError,
  JailConfigUnreadable,
  JailConfigUnwritable,
  JailGenerator,
  JailPropertyNotHonoured,
  Jails,
  UnknownConfigProperty,
} from '@gaoler/jail'
import { assert, thrown } from '../harness.ts'
import type { JailBench } from './jail-bench.ts'

const PREFIX = 'org.freebsd.iocage:'

/** Where configurations are, defaults, and properties that are not honoured. */
export function jailConfig(bench: JailBench): void {
  const { test } = bench
  const timeout = 60_000
  const user = { 'user.flag': 'on', 'user.text': 'a "b" \\ c; # d\n' }

  /** The same jail, with its configuration in these formats only. */
  const inFormats = async (jail: JailGenerator, formats: Readonly<Record<string, object>>): Promise<JailGenerator> => {
    const { host, name, path, datasetName } = jail
    rmSync(`${path}/config.json`, { force: true })
    for (const [configType, properties] of Object.entries(formats)) {
      const other = new JailGenerator(name, { host, configType: configType as 'json' })
      await drain(other.set(properties as Record<string, unknown>))
      assert.is(
        other.readConfig().store.place,
        { json: `${path}/config.json`, ucl: `${path}/config` }[configType] ?? datasetName,
      )
    }
    return new JailGenerator(name, { host })
  }

  test(
    'each format is written and read back, and of two the first of JSON, ZFS, UCL holds',
    bench.with('formats', {}, async (jail) => {
      const clear = async (): Promise<void> => {
        rmSync(`${jail.path}/config`, { force: true })
        const { properties } = await jail.host.zfs.get(jail.datasetName, ['all'])
        const own = Object.keys(properties).filter((name) => name.startsWith(PREFIX))
        for (const name of own) await jail.host.zfs.inherit(jail.datasetName, name)
      }
      for (const [format, legacy] of [
        ['json', false],
        ['zfs', true],
        ['ucl', true],
      ] as const) {
        const values = { ...user, stop_timeout: 3, allow_raw_sockets: true, tags: 'a,b', memoryuse: null }
        const read = await inFormats(jail, { [format]: values })
        assert.equal([read.get('stop_timeout'), read.get('allow_raw_sockets'), read.get('legacy')], [3, true, legacy])
        assert.equal(
          [read.get('tags'), read.get('user.flag'), read.get('user.text')],
          [['a', 'b'], 'on', user['user.text']],
        )
        await drain(read.set({ stop_timeout: 1, tags: undefined }))
        assert.equal([read.get('stop_timeout'), read.getstring('tag')], [1, '-'])
        await clear()
      }
      const pairs = [
        ['json', 'zfs'],
        ['json', 'ucl'],
        ['zfs', 'ucl'],
      ] as const
      for (const [first, second] of pairs) {
        const read = await inFormats(jail, { [second]: { 'user.in': second }, [first]: { 'user.in': first } })
        assert.is(read.get('user.in'), first, `${first} before ${second}`)
        await clear()
      }
      const large = await inFormats(jail, {})
      const zfs = new JailGenerator(jail.name, { host: jail.host, configType: 'zfs' })
      for (const properties of [{ 'user.x': 'x'.repeat(8192) }, { 'user.Upper': 'x' }]) {
        assert.instance(await thrown(() => drain(zfs.set(properties))), JailConfigUnwritable)
      }
      assert.equal(large.config.entries(), [])
    }),
    { timeout },
  )

  test(
    'a configuration is converted from each format to each other, and is then in that one only',
    bench.with('converted', {}, async (jail) => {
      const { host, name, path, datasetName, configFile } = jail
      const files = { json: configFile, ucl: `${path}/config` }
      const stored = async (): Promise<Record<string, unknown>> => {
        const { properties } = await host.zfs.get(datasetName, ['all'])
        const inZfs = Object.entries(properties).filter(([property]) => property.startsWith(PREFIX))
        const texts = Object.entries(files).filter(([, file]) => existsSync(file))
        return Object.fromEntries([
          ...texts.map(([format, file]) => [format, readFileSync(file, 'utf8')]),
          ...(inZfs.length > 0 ? [['zfs', inZfs]] : []),
        ])
      }
      const values = { ...user, stop_timeout: 3, allow_raw_sockets: true, tags: 'a,b', depends: 'other tag=x' }
      await drain(jail.set(values))
      const written = JSON.parse(readFileSync(configFile, 'utf8'))
      writeFileSync(configFile, JSON.stringify({ ...written, later: 'kept', boot: 'none' }))
      const known = Object.keys(values)
      const before = known.map((property) => jail.get(property))
      for (const configType of ['zfs', 'ucl', 'json', 'ucl', 'zfs', 'json'] as const) {
        const was = await stored()
        await drain(jail.save({ configType, plan: true }))
        assert.equal(await stored(), was, `to ${configType} is planned`)
        await drain(jail.save({ configType }))
        assert.equal(Object.keys(await stored()), [configType])
        const read = new JailGenerator(name, { host })
        assert.equal(
          known.map((property) => read.get(property)),
          before,
          `to ${configType}`,
        )
        assert.equal([read.config.format, read.config.unknown, read.get('boot')], [configType, ['later'], false])
      }
      assert.is(JSON.parse(readFileSync(configFile, 'utf8')).allow_raw_sockets, '1')
      assert.is(new Jail(name, { host }).set({ priority: 5 }, { configType: 'ucl' }).at(-1)?.state, 'done')
      assert.equal([Object.keys(await stored()), jail.reload().get('priority')], [['ucl'], 5])
      const only = new JailGenerator(name, { host, configType: 'ucl' })
      assert.instance(await thrown(() => drain(only.save({ configType: 'json' }))), UsageError)
      await drain(jail.set({ 'user.Upper': 'no property of ZFS has such a name' }))
      assert.instance(await thrown(() => drain(jail.save({ configType: 'zfs' }))), JailConfigUnwritable)
      assert.equal(Object.keys(await stored()), ['ucl'])
    }),
    { timeout },
  )

  test(
    'a configuration is written by nobody else, keeps what others have written meanwhile, and is undone with its caller',
    bench.with('saved', { 'user.a': '1' }, async (jail) => {
      jail.config.set('user.b', '2').set('user.a', undefined)
      const other = new Jail('saved', { host: bench.world.host })
      other.config.set('user.c', 'on')
      assert.is(other.save().at(-1)?.type, 'JailConfigWrite')
      await drain(jail.save())
      assert.equal(
        ['user.a', 'user.b', 'user.c'].map((name) => jail.get(name)),
        [null, '2', 'on'],
      )
      assert.is(statSync(jail.configFile).mode & 0o777, 0o600)
      const before = readFileSync(jail.configFile, 'utf8')
      for await (const event of jail.set({ 'user.b': '3' })) {
        if (event.state === 'pending') break
      }
      assert.is(readFileSync(jail.configFile, 'utf8'), before)
      await drain(jail.set({ 'user.b': '4' }, { plan: true }))
      assert.is(readFileSync(jail.configFile, 'utf8'), before)
    }),
    { timeout },
  )

  test(
    'a file that is broken, or a value that cannot be, is named with its place; with skipInvalidConfig the rest holds',
    bench.with('broken', {}, async (jail) => {
      const { host, name, configFile } = jail
      const good = readFileSync(configFile, 'utf8')
      writeFileSync(configFile, '{\n "securelevel": "9",\n "boot": "yes"\n}\n')
      const wrong = await thrown<JailConfigUnreadable>(() => new JailGenerator(name, { host }).config)
      assert.instance(wrong, JailConfigUnreadable)
      assert.equal([wrong.details.property, wrong.details.line, wrong.details.file], ['securelevel', 2, configFile])
      // A list that needs the value says which jail it is of, where that stands, and both ways on.
      const listed = (skipInvalidConfig: boolean) => [
        ...new Jails('boot=yes', { host, skipInvalidConfig }).rows(['name']),
      ]
      const { message, details } = await thrown<JailConfigUnreadable>(() => listed(false))
      assert.match(message, `cannot read the configuration ${configFile}:2:2 of jail ${name}: securelevel of jail`)
      assert.match(message, 'correct it, or leave out what cannot be with skipInvalidConfig')
      assert.is(details.jail, name)
      assert.equal(listed(true), [{ name }])
      const skipping = new JailGenerator(name, { host, skipInvalidConfig: true })
      assert.equal([skipping.get('boot'), skipping.get('securelevel')], [true, 2])
      await drain(skipping.set({ priority: 7 }))
      assert.is(JSON.parse(readFileSync(configFile, 'utf8')).securelevel, '9')
      writeFileSync(configFile, '{"id": "another", "name": "another"}')
      assert.is(new JailGenerator(name, { host }).get('id'), name)
      writeFileSync(configFile, Buffer.from('{"user": {"note": "caf\xe9"}}', 'latin1'))
      assert.match((await thrown(() => new JailGenerator(name, { host }).config)).message, 'UTF-8')
      writeFileSync(configFile, '{"user": {"note": "\ufffd"}}')
      assert.is(new JailGenerator(name, { host }).get('user.note'), '\ufffd')
      writeFileSync(configFile, '{"boot": ')
      const broken = await thrown(() => new JailGenerator(name, { host, skipInvalidConfig: true }).config)
      assert.instance(broken, JailConfigUnreadable)
      assert.match(broken.message, new RegExp(`of jail ${name}: .*; correct it, or restore it from a snapshot$`))
      writeFileSync(configFile, good)
    }),
    { timeout },
  )

  test(
    'what is set and not honoured is refused when it is set and at the start; what only files of others say is warned of',
    bench.with('honest', { resolver: 'none' }, async (jail) => {
      const refused = await thrown<JailPropertyNotHonoured>(() => drain(jail.set({ memoryuse: '1G', quota: '10G' })))
      assert.instance(refused, JailPropertyNotHonoured)
      assert.equal(refused.details.properties, ['memoryuse', 'quota'])
      assert.instance(await thrown(() => drain(jail.set({ secure_level: 3 }))), UnknownConfigProperty)
      // For one time is no other thing: iocage's wishes in a file are kept, what is asked for now is done or refused.
      for (const config of [{ memoryuse: '1G' }, { quota: '10G' }, { secure_level: 3 }, { securelevel: 9 }]) {
        assert.instance(await thrown(() => drain(jail.forkExec('/bin/true', { config }))), JailConfigError)
      }
      await drain(jail.forkExec('test "$HOST" = web', { config: { exec_clean: false }, env: { HOST: 'web' } }))
      const { configFile } = jail
      const good = JSON.parse(readFileSync(configFile, 'utf8'))
      writeFileSync(configFile, JSON.stringify({ ...good, vnet: 'yes', ip4_addr: 'vnet0|192.0.2.7/24' }))
      assert.instance(await thrown(() => drain(jail.reload().start())), JailPropertyNotHonoured)
      assert.ok(jail.stopped)
      const foreign = { quota: '10G', allow_tun: 1, later: { a: [1, 2] }, nat: 0, defaultrouter: 'auto' }
      writeFileSync(configFile, JSON.stringify({ ...good, ...foreign }))
      const events = await collect(jail.reload().start())
      const warned = events.flatMap(({ payload }) => {
        const { log } = payload as { log?: { level: string; data?: { property?: string } } }
        return log?.level === 'warn' ? [log.data?.property] : []
      })
      // What a leaf says between two pulls may be replaced by the newest; nothing is said of what asks for nothing.
      assert.equal([...new Set(warned)].sort(), ['allow_tun', 'later.a', 'quota'])
      await drain(jail.stop())
      await drain(jail.set({ priority: 3 }))
      const { later, quota, allow_tun: tun, priority } = JSON.parse(readFileSync(configFile, 'utf8'))
      assert.equal([later, quota, tun, priority], [foreign.later, '10G', 1, '3'])
    }),
    { timeout },
  )

  test(
    'a default holds where the jail says nothing, is read anew when its file has changed, and never keeps a jail from starting',
    bench.with('defaulted', { resolver: 'none' }, async (jail) => {
      const { host } = jail
      const defaults = new DefaultResourceGenerator(host)
      const file = `${host.datasets.main.mountpoint}/defaults.json`
      assert.not.ok(existsSync(file))
      try {
        assert.instance(await thrown(() => drain(defaults.set({ nosuch: 1 }))), UnknownConfigProperty)
        await drain(defaults.set({ priority: 42, exec_timeout: 60, memoryuse: '1G', allow_quotas: true }))
        const fresh = jail.reload()
        assert.equal([fresh.get('priority'), fresh.config.isSet('priority')], [42, false])
        await drain(jail.set({ priority: 1 }))
        assert.is(jail.get('priority'), 1)
        const other = new JailGenerator('defaulted', { host })
        assert.equal([other.get('exec_timeout'), host.defaults.getstring('exec_timeout')], [60, '60'])
        await drain(other.start())
        await drain(other.stop())
        writeFileSync(file, '{"priority": "7", "key_of_later": "x"}')
        await drain(jail.set({ priority: undefined }))
        assert.is(jail.reload().get('priority'), 7)
        await drain(defaults.set({ boot: true }))
        assert.equal(JSON.parse(readFileSync(file, 'utf8')), { boot: 'yes', key_of_later: 'x', priority: '7' })
      } finally {
        rmSync(file, { force: true })
      }
    }),
    { timeout },
  )
}
