import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InsecureJailPath } from '@gaoler/jail'
import {
  kindBeneath,
  makeDirectoryBeneath,
  missingBeneath,
  openByName,
  readTextBeneath,
  removeBeneath,
  removeDirectoryBeneath,
  writeTextBeneath,
} from '../../packages/jail/src/host/beneath.ts'
import { close } from '../../packages/jail/src/host/beneath-calls.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/beneath')
let top: string
let root: string

test.before(() => {
  top = mkdtempSync(join(tmpdir(), 'gaoler-beneath-'))
  root = join(top, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  mkdirSync(join(top, 'outside'))
  writeFileSync(join(top, 'outside', 'file'), 'the host')
})
test.after(() => rmSync(top, { recursive: true, force: true }))

const refused = async (body: () => unknown): Promise<void> => {
  assert.instance(await thrown(body), InsecureJailPath)
}

test('a file is written, read and removed, with its mode whatever the umask is', () => {
  const path = join(root, 'etc', 'resolv.conf')
  const before = process.umask(0o077)
  try {
    writeTextBeneath(root, path, 'nameserver 192.0.2.1\n', { mode: 0o644 })
  } finally {
    process.umask(before)
  }
  assert.is(statSync(path).mode & 0o777, 0o644)
  assert.is(readTextBeneath(root, path), 'nameserver 192.0.2.1\n')
  assert.is(kindBeneath(root, path), 'file')
  removeBeneath(root, path)
  assert.is(readTextBeneath(root, path), null)
  removeBeneath(root, path)
  assert.equal(readdirSync(join(root, 'etc')), [], 'no temporary file is left')
})

test('what is missing on the way is nothing to read and nothing to remove', () => {
  const path = join(root, 'no', 'such', 'file')
  assert.is(readTextBeneath(root, path), null)
  assert.is(kindBeneath(root, path), null)
  removeBeneath(root, path)
})

for (const [title, plant] of Object.entries<(name: string) => string>({
  'a link at the end': (name) => {
    symlinkSync('../outside/file', join(root, name))
    return join(root, name)
  },
  'a link on the way': (name) => {
    symlinkSync('../outside', join(root, name))
    return join(root, name, 'file')
  },
  'an absolute link on the way': (name) => {
    symlinkSync(join(top, 'outside'), join(root, name))
    return join(root, name, 'file')
  },
  'a link that stays inside': (name) => {
    symlinkSync('etc', join(root, name))
    return join(root, name, 'file')
  },
})) {
  test(`${title} is refused, and nothing outside changes`, async () => {
    const name = title.replaceAll(' ', '-')
    const path = plant(name)
    await refused(() => readTextBeneath(root, path))
    await refused(() => writeTextBeneath(root, path, 'the jail', { mode: 0o644 }))
    await refused(() => kindBeneath(root, path))
    await refused(() => makeDirectoryBeneath(root, join(path, 'deeper'), 0o755))
    if (path.endsWith('/file')) await refused(() => removeBeneath(root, path))
    else {
      removeBeneath(root, path)
      assert.not.ok(existsSync(path), 'the link itself is removed')
    }
    assert.is(readFileSync(join(top, 'outside', 'file'), 'utf8'), 'the host')
    assert.equal(readdirSync(join(top, 'outside')), ['file'])
  })
}

test('a path that is not below the root is refused before anything is opened', async () => {
  for (const path of [top, root, join(top, 'outside', 'file'), `${root}/../outside/file`, `${root}-other/x`]) {
    await refused(() => readTextBeneath(root, path))
    await refused(() => writeTextBeneath(root, path, 'the jail', { mode: 0o644 }))
  }
})

test('a pipe and a device are no files, and nobody waits for them', async () => {
  execFileSync('mkfifo', [join(root, 'etc', 'pipe')])
  await refused(() => readTextBeneath(root, join(root, 'etc', 'pipe')))
})

test('directories that are missing are told, and made one by one; only empty ones are taken away', async () => {
  const path = join(root, 'var', 'db', 'ports')
  const missing = [join(root, 'var'), join(root, 'var', 'db'), path]
  assert.equal(missingBeneath(root, path), missing)
  for (const each of missing) makeDirectoryBeneath(root, each, 0o755)
  assert.equal(missingBeneath(root, path), [])
  assert.is((await thrown<NodeJS.ErrnoException>(() => makeDirectoryBeneath(root, path, 0o755))).code, 'EEXIST')
  removeDirectoryBeneath(root, join(root, 'var', 'db'))
  assert.ok(lstatSync(path).isDirectory(), 'it was not empty')
  removeDirectoryBeneath(root, path)
  removeDirectoryBeneath(root, path)
  assert.not.ok(existsSync(path))
  writeFileSync(join(root, 'var', 'file'), '')
  await refused(() => missingBeneath(root, join(root, 'var', 'file')))
  await refused(() => missingBeneath(root, join(root, 'var', 'file', 'x')))
})

test('the walk by names, for systems without openat2, refuses the same links', async () => {
  symlinkSync('../outside', join(root, 'walked'))
  const { code } = await thrown<NodeJS.ErrnoException>(() => openByName(root, ['walked']))
  assert.ok(['ELOOP', 'EMLINK', 'ENOTDIR'].includes(code as string), code)
  close(openByName(root, ['etc']))
})

test('a jail that swaps a directory for a link at every moment never leads a write outside', async () => {
  mkdirSync(join(root, 'swap'))
  // It exchanges a directory and a link to the outside as fast as it can.
  const swapper = spawn(
    '/bin/sh',
    ['-c', `cd "${root}"; echo ready; while :; do mv swap kept && ln -s ../outside swap; rm swap; mv kept swap; done`],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  await once(swapper.stdout, 'data')
  let written = 0
  let turnedAway = 0
  try {
    for (let n = 0; n < 400; n++) {
      try {
        writeTextBeneath(root, join(root, 'swap', 'file'), 'the jail', { mode: 0o644 })
        written++
      } catch {
        turnedAway++
      }
    }
  } finally {
    swapper.kill('SIGKILL')
    await once(swapper, 'exit')
  }
  assert.ok(written + turnedAway === 400)
  assert.is(readFileSync(join(top, 'outside', 'file'), 'utf8'), 'the host')
  assert.equal(readdirSync(join(top, 'outside')), ['file'])
})

test.run()
