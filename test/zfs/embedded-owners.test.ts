import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, suite } from '../harness.ts'
import { inChild, litter, prepared, scratch, tree } from './embedded-fixture.ts'

const test = suite('owners in the embedded ZFS')
const home = scratch(test)
let count = 0
const fresh = (): ReturnType<typeof prepared> => prepared(join(home, String(++count)))

const unprivileged = process.geteuid?.() === 0
const NOBODY = 65_534

/** The same as for a user without privileges: a directory of nobody's, to be used in a child. */
function given(directory: string): void {
  for (const path of [home, directory]) chmodSync(path, 0o755)
  const give = (path: string): void => {
    const stat = lstatSync(path)
    chownSync(path, NOBODY, NOBODY)
    if (stat.isDirectory()) for (const name of readdirSync(path)) give(join(path, name))
  }
  give(directory)
}

if (unprivileged) {
  test('files that even their owner may not read are copied for him, and keep their modes', async () => {
    const { zfs, directory, path } = fresh()
    mkdirSync(join(path, 'closed/inner'), { recursive: true })
    writeFileSync(join(path, 'closed/inner/shadow'), 'secret')
    given(directory)
    for (const name of ['closed/inner/shadow', 'closed/inner', 'closed']) chmodSync(join(path, name), 0)
    chmodSync(path, 0o555)
    const calls = [
      ['snapshot', ['tank/a@x']],
      ['clone', 'tank/c', 'tank/a@x'],
      ['mount', 'tank/c'],
      ['unmount', 'tank/a'],
      ['mount', 'tank/a'],
    ] as const
    const { results } = await inChild({ directory, calls, uid: NOBODY })
    assert.equal(results, ['ok', 'ok', 'ok', 'ok', 'ok'])
    assert.equal(tree(join(directory, 'mnt/tank/c')), tree(path))
    assert.is(statSync(join(path, 'closed/inner/shadow')).mode & 0o7777, 0)
    const destroying = [
      ['unmount', 'tank/c'],
      ['destroy', 'tank/c'],
      ['destroySnaps', ['tank/a@x']],
    ] as const
    assert.equal((await inChild({ directory, calls: destroying, uid: NOBODY })).results, ['ok', 'ok', 'ok'])
    assert.equal(litter(zfs.directory), [])
  })

  test(
    'a process that is killed while such files are open leaves them closed',
    async () => {
      const { directory, path } = fresh()
      mkdirSync(join(path, 'closed'))
      writeFileSync(join(path, 'closed/shadow'), 'secret')
      given(directory)
      const before = (): void => {
        for (const name of ['closed/shadow', 'closed']) chmodSync(join(path, name), 0)
      }
      before()
      const closed = tree(path)
      const task = { directory, calls: [['snapshot', ['tank/a@x']]] as const, uid: NOBODY }
      const { changes } = await inChild({ ...task, calls: [...task.calls, ['destroySnaps', ['tank/a@x']]] })
      for (let killAt = 1; killAt < Math.min(changes, 14); killAt += 2) {
        assert.is((await inChild({ ...task, killAt })).signal, 'SIGKILL')
        const next = await inChild({ directory, calls: [['createSync', `tank/${killAt}`]], uid: NOBODY })
        assert.equal(next.results, ['ok'])
        assert.equal(tree(path), closed)
      }
    },
    { timeout: 60_000 },
  )

  test("a file of somebody else's that may not be read fails the snapshot and leaves nothing", async () => {
    const { directory, path } = fresh()
    writeFileSync(join(path, 'other'), 'secret', { mode: 0o600 })
    given(directory)
    chownSync(join(path, 'other'), 0, 0)
    const { results } = await inChild({ directory, calls: [['snapshot', ['tank/a@x']]], uid: NOBODY })
    assert.equal(results, ['EmbeddedFileError'])
    assert.equal(litter(directory), [])
  })
} else {
  test.skip('files that even their owner may not read are copied for him', 'only root can become another user')
}

test.run()
