// What somebody writes who installed the packages: every entry point, every face. One line a finding.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { drain, type IocEvent, operation } from '@gaoler/core'
import { pipeTo } from '@gaoler/core/emitter'
import { toObservable } from '@gaoler/core/rx'
import { syncBridge } from '@gaoler/core/sync'
import { Host, Jail, JailGenerator, ReleaseGenerator } from '@gaoler/jail'
import { DatasetNotFound, embeddedZfs, nvlist } from '@gaoler/zfs'
import { EventEmitter } from 'eventemitter3'
import { lastValueFrom, toArray } from 'rxjs'

const [directory = '', mirror = '', release = ''] = process.argv.slice(2)

// core: a stream, an Observable, an emitter, a blocked caller.
const greet = () => operation('JailStart', () => 'hello')
assert.equal(await drain(greet()), 'hello')
const observed = await lastValueFrom(toObservable(greet).pipe(toArray()))
assert.deepEqual(observed.map(String), ['JailStart: pending', 'JailStart: done'])
const emitter = new EventEmitter()
const heard: IocEvent[] = []
emitter.on('*', (event: IocEvent) => heard.push(event))
assert.equal(await pipeTo(greet(), emitter), 'hello')
assert.equal(heard.length, 2)
const bridge = syncBridge<typeof import('./operations.ts')>('./operations.ts', import.meta.url)
assert.equal(bridge.drain('greet', ['you']), 'hello you')
console.log('core')

// zfs: the embedded one and the codec.
const zfs = embeddedZfs({ directory: join(directory, 'zfs') })
zfs.pools.createSync('tank')
zfs.createSync('tank/a')
await zfs.snapshot(['tank/a@now'])
assert.equal(zfs.existsSync('tank/a@now'), true)
await assert.rejects(zfs.get('tank/b', ['used']), DatasetNotFound)
assert.equal(nvlist.decode(nvlist.encode({ a: 'b' })).get('a'), 'b')
console.log('zfs')

// jail: awaited, and then with nothing to await.
const host = Host.open({ platform: 'embedded', directory: join(directory, 'host') })
await drain(new ReleaseGenerator(release, { host }).fetch({ mirror }))
const web = new JailGenerator('web', { host })
await drain(web.createFromRelease(release))
const kinds: string[] = []
for await (const event of web.start()) if (event.is('JailStart')) kinds.push(event.state)
assert.deepEqual(kinds, ['pending', 'done'])
assert.equal((await drain(web.exec(['/bin/hello', 'there']))).stdout, 'Hello there\n')
await drain(web.stop())
await drain(web.destroy())

const db = new Jail('db', { host })
db.create(release)
assert.ok(db.start().length > 0)
assert.equal(db.exec(['/bin/hello']).stdout, 'Hello\n')
db.stop()
db.destroy()
assert.equal(db.exists, false)
console.log('jail')
