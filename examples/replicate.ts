// A snapshot as a stream: to another ZFS with progress, to a file and back, and what follows it. Here both are embedded.
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { drain } from '@gaoler/core'
import { BadStream, embeddedZfs, receiveStream, StreamMismatch, sendStream } from '@gaoler/zfs'

const directory = mkdtempSync(join(tmpdir(), 'replicate-'))
const zfs = embeddedZfs({ directory: join(directory, 'here') })
const backup = embeddedZfs({ directory: join(directory, 'there') })
for (const each of [zfs, backup]) each.pools.createSync('tank')
await zfs.create('tank/www')
await zfs.mount('tank/www')
const { mountpoint } = (await zfs.get('tank/www', ['mountpoint'])).properties
writeFileSync(join(String(mountpoint.value), 'index.html'), 'monday')
await zfs.snapshot(['tank/www@monday'])

// From one to the other: on real ZFS, through a pipe of the kernel.
const { snapshot, bytes } = await drain(receiveStream(backup, 'tank/www', sendStream(zfs, 'tank/www@monday').readable))
console.log(`received ${snapshot}:`, bytes > 312n)

// A bookmark takes no space, and the next stream may begin there when the snapshot is gone.
await zfs.bookmark({ 'tank/www#monday': 'tank/www@monday' })
await zfs.destroySnaps(['tank/www@monday'])
writeFileSync(join(String(mountpoint.value), 'index.html'), 'tuesday')
await zfs.snapshot(['tank/www@tuesday'])

// Watched: the operation of the send tells how far it is, whatever reads the stream.
const { readable, operation } = sendStream(zfs, 'tank/www@tuesday', { from: 'tank/www#monday' })
const watch = async (): Promise<void> => {
  for await (const event of operation) {
    if (event.is('ZFSSend') && event.progress)
      console.log('sent', event.progress.unit, event.payload.rate !== undefined)
  }
}
const arrive = receiveStream(backup, 'tank/www', readable.pipe(new PassThrough()))
await Promise.all([watch(), drain(arrive)])
await backup.mount('tank/www')
const there = (await backup.get('tank/www', ['mountpoint'])).properties.mountpoint.value
console.log(readFileSync(join(String(there), 'index.html'), 'utf8'), 'has arrived')

// To a file and back: any stream of Node will do.
const file = join(directory, 'www.zfs')
await pipeline(sendStream(zfs, 'tank/www@tuesday').readable, createWriteStream(file))
await drain(receiveStream(backup, 'tank/copy', createReadStream(file)))
console.log('the copy exists:', await backup.exists('tank/copy@tuesday'))

// What does not fit is refused by type, before anything is made.
const again = receiveStream(
  backup,
  'tank/copy@again',
  sendStream(zfs, 'tank/www@tuesday', { from: 'tank/www#monday' }).readable,
)
await drain(again).catch((error) => console.log('mismatch:', error instanceof StreamMismatch, error.code))
await drain(receiveStream(backup, 'tank/no', createReadStream(file).pipe(createGzip()))).catch((error) =>
  console.log('foreign:', error instanceof BadStream),
)
rmSync(directory, { recursive: true })
