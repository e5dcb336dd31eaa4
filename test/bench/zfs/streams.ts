import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, pipeline } from 'node:stream'
import { drain } from '@gaoler/core'
import { openZfs, receiveStream, sendStream } from '@gaoler/zfs'
import { makePool } from '../../zfs/pool.ts'
import { compare, report, timed } from './compare.ts'

// send | receive of 256 MiB that do not compress, beside the same in a shell.

const BYTES = 256 * 1_048_576

const zfs = openZfs()
const pool = makePool(2048)
try {
  const [snapshot, target] = [`${pool.name}/source@now`, `${pool.name}/target`]
  zfs.createSync(`${pool.name}/source`)
  zfs.mountSync(`${pool.name}/source`)
  fill(join(pool.path, 'source', 'file'))
  zfs.snapshotSync([snapshot])

  const shell = () => work(() => execFileSync('sh', ['-c', `zfs send ${snapshot} | zfs receive -u ${target}`]))
  const piped = () => work(() => drain(receiveStream(zfs, target, sendStream(zfs, snapshot).readable)))
  report('send | receive of 256 MiB, to a shell', await compare(5, piped, shell), 0.9)
  // Whoever wants to see the bytes has them in this process.
  const seen = () => {
    const { readable } = sendStream(zfs, snapshot)
    const through = pipeline(readable, new PassThrough(), () => undefined)
    return work(() => drain(receiveStream(zfs, target, through)))
  }
  report('the same with every byte through a PassThrough, to a shell', await compare(3, seen, shell))

  function work(copy: () => unknown): Promise<number> {
    return timed(copy).finally(() => execFileSync('zfs', ['destroy', '-r', target]))
  }
} finally {
  pool.destroy()
}

function fill(file: string): void {
  const bytes = Buffer.alloc(1_048_576)
  const fd = openSync(file, 'w')
  for (let written = 0; written < BYTES; written += bytes.length) writeSync(fd, randomFillSync(bytes))
  closeSync(fd)
}
