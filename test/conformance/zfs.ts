import { CallNotSupported, NotSupportedOnEmbedded, type Zfs } from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import type { Bench, Face } from './bench.ts'
import { bookmarkBehaviour } from './zfs-bookmarks.ts'
import { bulkBehaviour } from './zfs-bulk.ts'
import { datasetBehaviour } from './zfs-datasets.ts'
import { iterateBehaviour } from './zfs-iterate.ts'
import { listBehaviour } from './zfs-list.ts'
import { mountBehaviour } from './zfs-mounts.ts'
import { propertyBehaviour } from './zfs-properties.ts'
import { snapshotBehaviour } from './zfs-snapshots.ts'
import { streamBehaviour } from './zfs-streams.ts'

/** A ZFS under test, and an existing filesystem of it below which the suite may do what it wants. */
export interface ZfsUnderTest {
  readonly zfs: Zfs
  readonly root: string
  close(): Promise<void>
}

/**
 * The behaviour that every implementation of Zfs has, real or embedded: on its asynchronous and on its blocking face.
 * `open` is called once for each face.
 */
export function zfsConformance(
  title: string,
  open: () => Promise<ZfsUnderTest>,
  faces: readonly ('async' | 'sync')[] = ['async', 'sync'],
): void {
  for (const face of faces) {
    const test = suite(`${title} (${face})`)
    let opened: ZfsUnderTest | undefined
    let count = 0
    test.before(async () => {
      opened = await open()
    })
    test.after(() => opened?.close())

    const current = (): ZfsUnderTest => {
      if (!opened) throw new Error('the ZFS under test was not opened')
      return opened
    }
    const zfs = new Proxy({} as Face, {
      get:
        (_, call: string) =>
        async (...args: unknown[]) => {
          const named = face === 'sync' ? `${call}Sync` : call
          return (Reflect.get(current().zfs, named) as (...args: unknown[]) => unknown)(...args)
        },
    })
    const fresh = (): string => `${current().root}/${face}${++count}`
    const bench: Bench = {
      test,
      zfs,
      whole: () => current().zfs,
      root: () => current().root,
      fresh,
      filesystem: async () => {
        const name = fresh()
        await zfs.create(name)
        return name
      },
      value: async (name, property) => (await zfs.get(name, [property])).properties[property]?.value,
    }
    test('what it does not support it refuses by name, and says so before', async () => {
      const { zfs: whole } = current()
      const basic = ['create', 'snapshot', 'destroySnaps', 'hold', 'clone', 'promote', 'list', 'mount'] as const
      for (const call of basic) assert.is(whole.isSupported(call), true, call)
      assert.is(whole.isSupported('nosuch' as 'list'), false)
      // No release of OpenZFS has it either.
      assert.is(whole.isSupported('sendProgress'), false)
      const error = await thrown(() => zfs.sendProgress(`${current().root}@x`, 1))
      assert.ok(error instanceof NotSupportedOnEmbedded || error instanceof CallNotSupported, error.name)
      assert.is(whole.isSupported('channelProgram'), whole.kind === 'openzfs')
    })
    propertyBehaviour(bench)
    listBehaviour(bench)
    iterateBehaviour(bench)
    datasetBehaviour(bench)
    snapshotBehaviour(bench)
    bookmarkBehaviour(bench)
    streamBehaviour(bench, face === 'async' ? () => current().zfs : undefined)
    mountBehaviour(bench, face === 'sync')
    // Operations are asynchronous whatever the face.
    if (face === 'async') bulkBehaviour(bench)
    test.run()
  }
}
