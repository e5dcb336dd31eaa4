import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OperationCancelled } from '@gaoler/core'
import { DatasetBusy, DatasetTypeInvalid, FilesystemNameInvalid, FilesystemNotFound } from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, refused } from './bench.ts'

/** Mounting, and what is then seen of the files. `blocking`: on the face that cannot be cancelled. */
export function mountBehaviour({ test, zfs, fresh, filesystem, value }: Bench, blocking: boolean): void {
  /** A new filesystem, mounted, and where. */
  const mounted = async (): Promise<[name: string, path: string]> => {
    const name = await filesystem()
    await zfs.mount(name)
    return [name, (await value(name, 'mountpoint')) as string]
  }

  test('mount shows the files, unmount hides them, both as often as one likes', async () => {
    const [name, path] = await mounted()
    assert.is(await value(name, 'mounted'), true)
    await zfs.mount(name)
    writeFileSync(join(path, 'file'), 'text')
    await zfs.unmount(name)
    assert.is(await value(name, 'mounted'), false)
    assert.is(existsSync(join(path, 'file')), false)
    await zfs.unmount(name)
    await zfs.mount(name)
    assert.is(readFileSync(join(path, 'file'), 'utf8'), 'text')
    await zfs.unmount(name, { force: true })
    assert.is(await value(name, 'mounted'), false)
  })

  test('a mounted filesystem is busy: it is not destroyed', async () => {
    const [name] = await mounted()
    await failure(DatasetBusy, name, () => zfs.destroy(name))
    await zfs.unmount(name)
    await zfs.destroy(name)
  })

  test('a clone shows the files as they were when the snapshot was taken', async () => {
    const [name, path] = await mounted()
    mkdirSync(join(path, 'directory'))
    writeFileSync(join(path, 'directory/file'), 'before')
    await zfs.snapshot([`${name}@x`])
    writeFileSync(join(path, 'directory/file'), 'after')
    writeFileSync(join(path, 'new'), '')
    const clone = fresh()
    await zfs.clone(clone, `${name}@x`)
    await zfs.mount(clone)
    const there = (await value(clone, 'mountpoint')) as string
    assert.is(readFileSync(join(there, 'directory/file'), 'utf8'), 'before')
    assert.equal(readdirSync(there), ['directory'])
    writeFileSync(join(there, 'directory/file'), 'other')
    assert.is(readFileSync(join(path, 'directory/file'), 'utf8'), 'after')
    await zfs.promote(clone)
    assert.is(readFileSync(join(there, 'directory/file'), 'utf8'), 'other')
    assert.is(readFileSync(join(path, 'directory/file'), 'utf8'), 'after')
  })

  test('files survive a rename', async () => {
    const [name, path] = await mounted()
    writeFileSync(join(path, 'file'), 'text')
    await zfs.unmount(name)
    const renamed = fresh()
    await zfs.rename(name, renamed)
    await zfs.mount(renamed)
    assert.is(readFileSync(join((await value(renamed, 'mountpoint')) as string, 'file'), 'utf8'), 'text')
  })

  test('a filesystem that is renamed stays mounted where it was, until it is unmounted', async () => {
    const [name, path] = await mounted()
    writeFileSync(join(path, 'file'), 'text')
    const renamed = fresh()
    await zfs.rename(name, renamed)
    assert.is(await value(renamed, 'mounted'), true)
    assert.is(readFileSync(join(path, 'file'), 'utf8'), 'text')
    await zfs.unmount(renamed)
    assert.is(existsSync(join(path, 'file')), false)
  })

  test('a new mountpoint moves what is mounted', async () => {
    const [name, path] = await mounted()
    writeFileSync(join(path, 'file'), 'text')
    await zfs.set(name, { mountpoint: `${path}-moved` })
    assert.is(existsSync(join(path, 'file')), false)
    assert.is(readFileSync(join(`${path}-moved`, 'file'), 'utf8'), 'text')
    await zfs.set(name, { mountpoint: 'none' })
    assert.is(await value(name, 'mounted'), false)
  })

  test('mountpoints are inherited with the name below', async () => {
    const [name, path] = await mounted()
    await zfs.create(`${name}/child`)
    const { mountpoint } = (await zfs.get(`${name}/child`, ['mountpoint'])).properties
    assert.is(mountpoint?.value, `${path}/child`)
    assert.is(mountpoint?.source, 'inherited')
  })

  test('unmount takes the filesystems below along', async () => {
    const [name] = await mounted()
    await zfs.create(`${name}/child`)
    await zfs.mount(`${name}/child`)
    await zfs.unmount(name)
    assert.is(await value(`${name}/child`, 'mounted'), false)
  })

  test('mount and unmount refuse what cannot be mounted', async () => {
    const missing = fresh()
    await failure(FilesystemNotFound, missing, () => zfs.mount(missing))
    await failure(FilesystemNotFound, missing, () => zfs.unmount(missing))
    const name = await filesystem()
    await zfs.snapshot([`${name}@x`])
    await failure(FilesystemNameInvalid, `${name}@x`, () => zfs.mount(`${name}@x`))
    await zfs.set(name, { canmount: 'off' })
    await refused(name, 'canmount', () => zfs.mount(name))
    await zfs.set(name, { canmount: 'on', mountpoint: 'none' })
    await refused(name, 'mountpoint', () => zfs.mount(name))
    await zfs.set(name, { mountpoint: 'legacy' })
    await refused(name, 'mountpoint', () => zfs.mount(name))
    await zfs.unmount(name)
    const volume = fresh()
    await zfs.create(volume, { type: 'zvol', props: { volsize: 1_048_576n } })
    await failure(DatasetTypeInvalid, volume, () => zfs.mount(volume))
    await failure(DatasetTypeInvalid, volume, () => zfs.unmount(volume))
  })

  if (!blocking) {
    test('list ends with OperationCancelled when its signal is aborted', async () => {
      await failure(OperationCancelled, undefined, () => zfs.list({ signal: AbortSignal.abort('enough') }))
    })
  }
}
