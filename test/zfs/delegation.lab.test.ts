import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { reviveError, type SerialisedError } from '@gaoler/core'
import {
  ArgumentInvalid,
  DatasetTypeInvalid,
  FilesystemNotFound,
  NotUserNamespace,
  openZfs,
  PermissionDenied,
  PlatformNotSupported,
  type SnapshotFailure,
  SnapshotMismatch,
} from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { asNobody } from './nobody.ts'
import { makePool, type Pool } from './pool.ts'

const test = suite('zfs/delegation')
const zfs = openZfs()
const NOBODY = 65_534
let pool: Pool
test.before(() => {
  pool = makePool()
})
test.after(() => pool.destroy())

type Answer = { readonly answer?: unknown; readonly error?: SerialisedError }
const errorOf = ({ error }: Answer = {}): Error => reviveError(error as SerialisedError)

test('a user may do what was allowed and nothing else, by calls and by commands', async () => {
  const name = `${pool.name}/user`
  await zfs.create(name)
  await zfs.allow(name, { user: NOBODY }, ['snapshot', 'hold', 'atime'])
  await zfs.allow(pool.name, { set: '@undo' }, ['rollback', 'diff'])
  await zfs.allow(pool.name, 'everyone', ['@undo'], { scope: 'descendent' })
  zfs.allowSync(name, 'creator', ['destroy'])
  zfs.allowSync(name, { group: 54_321 }, ['mount'], { scope: 'local' })
  assert.equal(await zfs.permissions(name), [
    {
      name,
      grants: [
        { to: 'creator', scope: 'both', permissions: ['destroy'] },
        { to: { group: 54_321 }, scope: 'local', permissions: ['mount'] },
        { to: { user: 'nobody' }, scope: 'both', permissions: ['atime', 'hold', 'snapshot'] },
      ],
    },
    {
      name: pool.name,
      grants: [
        { to: { set: '@undo' }, scope: 'both', permissions: ['diff', 'rollback'] },
        { to: 'everyone', scope: 'descendent', permissions: ['@undo'] },
      ],
    },
  ])
  const answers = asNobody<Answer>([
    ['snapshotSync', [`${name}@x`]],
    ['holdSync', { [`${name}@x`]: 'tag' }],
    ['rollbackSync', name],
    ['setSync', name, { atime: 'off' }],
    ['permissionsSync', name],
    ['releaseSync', { [`${name}@x`]: ['tag'] }],
    ['createSync', `${name}/below`],
    ['setSync', name, { quota: '1G' }],
    ['snapshotSync', [`${pool.name}@x`]],
    ['allowSync', name, { user: NOBODY }, ['destroy']],
    ['userspaceSync', name],
  ])
  for (const [index, done] of answers.slice(0, 5).entries()) assert.is(done.error, undefined, `call ${index}`)
  const [release, create, quota, snapshot, allow] = answers.slice(5)
  for (const denied of [create, quota, allow]) assert.instance(errorOf(denied), PermissionDenied)
  for (const denied of [release, snapshot]) {
    assert.instance((errorOf(denied) as SnapshotFailure).errors[0], PermissionDenied)
  }
  zfs.unallowSync(name, { user: NOBODY }, ['snapshot'])
  const [again] = asNobody<Answer>([['snapshotSync', [`${name}@y`]]])
  assert.instance((errorOf(again) as SnapshotFailure).errors[0], PermissionDenied)
  await zfs.unallow(name, { user: NOBODY })
  await zfs.unallow(pool.name, 'everyone', ['@undo'], { recursive: true })
  assert.equal(
    (await zfs.permissions(name)).map((each) => each.grants.length),
    [2, 1],
  )
  assert.instance(await thrown(() => zfs.allow(name, { user: 'nosuchuser' }, ['mount'])), ArgumentInvalid)
  assert.instance(await thrown(() => zfs.allow(name, 'everyone', ['nosuch'])), ArgumentInvalid)
  assert.instance(await thrown(() => zfs.allow(`${name}/no`, 'everyone', ['mount'])), FilesystemNotFound)
  assert.instance(await thrown(() => zfs.permissions(`${name}/no`)), FilesystemNotFound)
})

/** A shell in a user namespace of its own; answers each line with what the command printed, both streams. */
class Session {
  readonly #shell = spawn('setpriv', [
    '--reuid',
    String(NOBODY),
    '--regid',
    String(NOBODY),
    '--clear-groups',
    'unshare',
    '-Um',
    'sh',
  ])
  #printed = ''

  constructor() {
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#printed += text
      })
    }
  }

  get pid(): number {
    return this.#shell.pid as number
  }

  async run(command: string): Promise<string> {
    this.#printed = ''
    this.#shell.stdin.write(`${command} 2>&1; echo =end=\n`)
    while (!this.#printed.endsWith('=end=\n')) await once(this.#shell.stdout, 'data')
    return this.#printed.slice(0, -'=end=\n'.length)
  }

  async end(): Promise<void> {
    this.#shell.stdin.end()
    await once(this.#shell, 'close')
  }
}

// As a user begins it: no root inside, then root as root outside, then root as 100000 outside.
const mappings: readonly (readonly [title: string, map: string | undefined])[] = [
  ['without a mapping', undefined],
  ['root as root', '0 0 1'],
  ['root as 100000', '0 100000 65536'],
]
for (const [title, map] of mappings) {
  test(`a namespace sees nothing before zone, its tree and what is above with it, nothing after: ${title}`, async () => {
    const deleg = `${pool.name}/deleg`
    for (const each of [deleg, `${deleg}/below`, `${pool.name}/containers`, `${pool.name}/containers/host`])
      await zfs.create(each)
    const session = new Session()
    try {
      await session.run('true')
      if (map !== undefined)
        for (const kind of ['uid_map', 'gid_map']) writeFileSync(`/proc/${session.pid}/${kind}`, map)
      const listed = async () => (await session.run('zfs list -o name')).trim().split('\n')
      const nothing = ['no datasets available']
      assert.equal(await listed(), nothing)
      await zfs.zone(deleg, session.pid)
      await zfs.zone(deleg, `/proc/${session.pid}/ns/user`)
      assert.equal(await listed(), ['NAME', pool.name, deleg, `${deleg}/below`])
      assert.match(await session.run(`zfs list ${pool.name}/containers/host`), /dataset does not exist/)
      zfs.unzoneSync(deleg, session.pid)
      zfs.unzoneSync(deleg, session.pid)
      assert.equal(await listed(), nothing)
    } finally {
      await session.end()
      execFileSync('zfs', ['destroy', '-r', deleg])
      execFileSync('zfs', ['destroy', '-r', `${pool.name}/containers`])
    }
  })
}

test('only filesystems are delegated, to user namespaces, on this system', async () => {
  const name = `${pool.name}/zone`
  await zfs.create(name)
  await zfs.snapshot([`${name}@x`])
  await zfs.create(`${name}/v`, { type: 'zvol', props: { volsize: 1_048_576n } })
  assert.instance(await thrown(() => zfs.zone(name, '/proc/self/ns/mnt')), NotUserNamespace)
  assert.instance(await thrown(() => zfs.zone(name, 999_999_999)), NotUserNamespace)
  assert.instance(await thrown(() => zfs.zone(`${name}/v`, 1)), DatasetTypeInvalid)
  assert.instance(await thrown(() => zfs.unzone(`${name}/no`, 1)), FilesystemNotFound)
  assert.instance(await thrown(() => zfs.jail(name, 1)), PlatformNotSupported)
  assert.instance(await thrown(() => zfs.unjail(name, 'web')), PlatformNotSupported)
  const [denied] = asNobody<Answer>([['zoneSync', name, '/proc/self/ns/user']])
  assert.instance(errorOf(denied), PermissionDenied)
})

test('changes are told with the bytes of their paths', async () => {
  const name = `${pool.name}/diff`
  await zfs.create(name)
  await zfs.mount(name)
  const at = (path: string): string => `${pool.path}/diff/${path}`
  for (const path of ['changed', 'gone', 'linked']) writeFileSync(at(path), 'x')
  mkdirSync(at('dir'))
  await zfs.snapshot([`${name}@1`])
  // A kernel's clock for files ticks every few milliseconds, and a change without a new time is none.
  const { ctimeNs: before } = statSync(at('linked'), { bigint: true })
  do writeFileSync(at('changed'), 'more')
  while (statSync(at('changed'), { bigint: true }).ctimeNs === before)
  rmSync(at('gone'))
  linkSync(at('linked'), at('second'))
  renameSync(at('dir'), at('a dir\n\\0134'))
  symlinkSync('nowhere', at('é'))
  const latin = Buffer.concat([Buffer.from(at('')), Buffer.from([0xff])])
  writeFileSync(latin, '')
  await zfs.snapshot([`${name}@2`])
  const told = (await zfs.diff(`${name}@1`, `${name}@2`)).map(({ ctimeNs, ...change }) => {
    assert.ok(Math.abs(Number(ctimeNs / 1_000_000n) - Date.now()) < 600_000, String(ctimeNs))
    return change
  })
  const find = (path: string | Buffer) =>
    told.find((change) => Buffer.from(path as string).equals(Buffer.from(change.path as string)))
  assert.equal(find(at('changed')), { change: 'modified', kind: 'file', path: at('changed') })
  assert.equal(find(at('gone')), { change: 'removed', kind: 'file', path: at('gone') })
  assert.equal(find(at('linked')), { change: 'modified', kind: 'file', path: at('linked'), links: 1 })
  assert.equal(find(at('dir')), { change: 'renamed', kind: 'directory', path: at('dir'), to: at('a dir\n\\0134') })
  assert.equal(find(at('é')), { change: 'added', kind: 'symlink', path: at('é') })
  assert.equal(find(latin), { change: 'added', kind: 'file', path: latin })
  assert.equal(zfs.diffSync(`${name}@2`), [])
  assert.instance(await thrown(() => zfs.diff(`${name}@2`, `${name}@1`)), SnapshotMismatch)
  chmodSync(dirname(pool.path), 0o755)
  const [denied] = asNobody<Answer>([['diffSync', `${name}@1`, `${name}@2`]])
  assert.instance(errorOf(denied), PermissionDenied, JSON.stringify(denied))
})

test('space is told by user, group and project', async () => {
  const name = `${pool.name}/space`
  await zfs.create(name)
  await zfs.set(name, { 'userquota@77': '5M', 'userobjquota@77': '9' })
  await zfs.mount(name)
  execFileSync('sh', ['-c', `echo x > ${pool.path}/space/f && chown 77:78 ${pool.path}/space/f`])
  await zfs.sync(pool.name, { force: true })
  const user = (await zfs.userspace(name)).find(({ id }) => id === 77)
  assert.equal(
    { ...user, used: undefined },
    { id: 77, used: undefined, objects: 1n, quota: 5_242_880n, objectQuota: 9n },
  )
  assert.ok((user?.used ?? 0n) > 0n)
  const group = zfs.groupspaceSync(name).find(({ id }) => id === 78)
  assert.equal([group?.objects, group?.quota], [1n, undefined])
  assert.is((await zfs.projectspace(name))[0]?.id, 0)
  assert.instance(await thrown(() => zfs.userspace(`${name}/no`)), FilesystemNotFound)
})

test.run()
