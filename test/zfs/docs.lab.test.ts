import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openZfs } from '@gaoler/zfs'
import { assert, suite } from '../harness.ts'
import { runPage } from './page.ts'

const test = suite('zfs/docs')
const docs = resolve(import.meta.dirname, '../../docs')
const scratch = process.env.GAOLER_LAB_SCRATCH ?? '/tmp'
const image = join(scratch, 'tank.img')
test.before(() => {
  writeFileSync(image, '')
  truncateSync(image, 256 * 1_048_576)
  execFileSync('zpool', ['create', '-m', join(scratch, 'tank'), 'tank', image])
})
test.after(() => {
  execFileSync('zpool', ['destroy', '-f', 'tank'])
  rmSync(image)
})

/** Runs each example of a page on the pool `tank`; gives what they printed. */
const run = (page: string): string[] => {
  const examples = [...readFileSync(join(docs, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  return examples.map(([, code = '']) =>
    execFileSync(process.execPath, ['--input-type=module-typescript', '-e', code], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    }),
  )
}

test('docs/delegate.md does what it says', () => {
  const [user, namespace] = run('delegate.md')
  assert.match(user ?? '', /@backup/)
  assert.equal(namespace?.trim().split('\n'), ['NAME', 'tank', 'tank/deleg'])
})

test('docs/encryption.md does what it says', () => {
  run('encryption.md')
  execFileSync('zfs', ['unload-key', 'tank/private'])
  execFileSync('zfs', ['load-key', 'tank/private'], { input: 'battery staple\n' })
  execFileSync('zfs', ['destroy', 'tank/private'])
})

test('the examples of the README run in their order', async () => {
  const zfs = openZfs()
  await zfs.create('tank/db')
  const printed = await runPage('packages/zfs/README.md', zfs)
  assert.ok(printed.some(([code, name]) => code === 'ZFS_SNAPSHOT_EXISTS' && name === 'tank/test@base'))
  assert.ok(printed.some(([state, errors]) => state === 'finished' && errors === 0n))
  const names = zfs.namesSync('tank').filter((name) => /copy|db|private|test|www/.test(name))
  assert.equal(names, ['tank/copy', 'tank/db', 'tank/private', 'tank/test'])
})

test.run()
