import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { drain } from '@gaoler/core'
import {
  openZfs,
  type ReceiveStreamOptions,
  receiveStream,
  type SendStreamOptions,
  type StreamReceived,
  sendStream,
  type Zfs,
} from '@gaoler/zfs'
import type { Suite } from '../harness.ts'
import { makePool, type Pool } from './pool.ts'

/** Filesystems with files in them, snapshots of these, and their streams. */
export const zfs: Zfs = openZfs()
let pool: Pool
let count = 0

/** Makes the pool that all is in before a suite, and destroys it after that. */
export function inPool(test: Suite): void {
  test.before(() => {
    pool = makePool()
  })
  test.after(() => pool.destroy())
}

export const poolName = (): string => pool.name
export const fresh = (): string => `${pool.name}/t${++count}`
export const value = async (name: string, property: string): Promise<unknown> =>
  (await zfs.get(name, [property])).properties[property]?.value

/** Where a filesystem is mounted while `use` runs. */
const mounted = async <T>(name: string, use: (path: string) => T): Promise<T> => {
  await zfs.mount(name)
  try {
    return use((await value(name, 'mountpoint')) as string)
  } finally {
    await zfs.unmount(name)
  }
}
export const fill = (name: string, size = 200_000, file = 'file'): Promise<void> =>
  mounted(name, (path) => writeFileSync(join(path, file), randomBytes(size)))
export const content = (name: string): Promise<string> =>
  mounted(name, (path) =>
    readdirSync(path)
      .map((file) => readFileSync(join(path, file), 'base64'))
      .join('\n'),
  )

/** A filesystem with a file and the snapshot `@x`. */
export const source = async (size?: number): Promise<string> => {
  const name = fresh()
  await zfs.create(name)
  await fill(name, size)
  await zfs.snapshot([`${name}@x`])
  return name
}
export const bytesOf = (snapshot: string, options?: SendStreamOptions): Promise<Buffer> =>
  buffer(sendStream(zfs, snapshot, options).readable)
export const receive = (target: string, stream: Buffer, options?: ReceiveStreamOptions): Promise<StreamReceived> =>
  drain(receiveStream(zfs, target, Readable.from([stream], { objectMode: false }), options))
