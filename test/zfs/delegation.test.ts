import {
  ArgumentInvalid,
  CallNotSupported,
  DatasetTypeInvalid,
  type Delegate,
  embeddedZfs,
  FilesystemNotFound,
  NameInvalid,
  NotSupportedOnEmbedded,
  NotUserNamespace,
  newPassphraseKey,
  newPassphraseKeySync,
  OutputNotUnderstood,
  openZfs,
  PlatformNotSupported,
  PropertyInvalid,
  passphraseKey,
  passphraseKeySync,
  propertyValue,
  SnapshotMismatch,
  SnapshotNotFound,
  type Zfs,
} from '@gaoler/zfs'
import { allow, unallow } from '../../packages/zfs/src/command/allow.ts'
import { diff, parseDiff } from '../../packages/zfs/src/command/diff.ts'
import { parsePermissions, permissions } from '../../packages/zfs/src/command/permissions.ts'
import type { CommandResult, Program } from '../../packages/zfs/src/command/run.ts'
import { space } from '../../packages/zfs/src/command/space.ts'
import { commandTable } from '../../packages/zfs/src/command/table.ts'
import { jail, zone } from '../../packages/zfs/src/command/zone.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('zfs/delegation')
const there = (_: string): boolean => true
const nowhere = (_: string): boolean => false

/** Runs a program that wants one command; gives its result and that command. */
function play<R>(program: Program<R>, answer: Partial<CommandResult> = {}): { result: R; command: string | undefined } {
  const first = program.next()
  if (first.done) return { result: first.value, command: undefined }
  const last = program.next({ stdout: '', stderr: '', exitCode: 0, ...answer })
  if (!last.done) throw new Error(`a second command: ${last.value.join(' ')}`)
  return { result: last.value, command: first.value.join(' ') }
}

test('permissions are given and taken by words that cannot be options', async () => {
  const given = (to: Delegate, scope?: 'local' | 'descendent') =>
    play(allow('tank/a b', to, ['mount', '@backup', 'load-key'], { scope }, there)).command
  assert.is(given({ user: 1000 }), 'allow -u 1000 mount,@backup,load-key tank/a b')
  assert.is(given({ user: 'joe' }, 'local'), 'allow -l -u joe mount,@backup,load-key tank/a b')
  assert.is(given({ group: 'domain users' }, 'descendent'), 'allow -d -g domain users mount,@backup,load-key tank/a b')
  assert.is(given('everyone'), 'allow -e mount,@backup,load-key tank/a b')
  assert.is(given('creator'), 'allow -c mount,@backup,load-key tank/a b')
  assert.is(given({ set: '@backup' }), 'allow -s @backup mount,@backup,load-key tank/a b')
  const taken = play(unallow('tank', { user: 0 }, undefined, { recursive: true }, there)).command
  assert.is(taken, 'unallow -r -u 0 tank')
  assert.is(play(unallow('tank', 'everyone', ['mount'], {}, there)).command, 'unallow -e mount tank')
  const accounts = ['', '-u', 'a,b', '010', '0x10', '+5', ' 5', 'a\0', 'a\nb', -1, 1.5, 2 ** 32 - 1, null, undefined]
  const delegates = [
    ...accounts.flatMap((account) => [{ user: account }, { group: account }]),
    ...['backup', '@', '@a b', '-s', '@a,b', undefined].map((set) => ({ set })),
    { user: 'a', group: 'b' }, {}, 'nobody', null, undefined, ['user'], { __proto__: { user: 'a' } },
  ] as unknown as Delegate[] // biome-ignore format: one thought
  for (const to of delegates) {
    assert.instance(await thrown(() => play(allow('tank', to, ['mount'], {}, there))), ArgumentInvalid, String(to))
    assert.instance(await thrown(() => play(unallow('tank', to, ['mount'], {}, there))), ArgumentInvalid, String(to))
  }
  for (const list of [[], [''], ['-l'], ['a,b'], ['@a b'], ['Mount'], ['a b'], [1], 'mount', undefined, null]) {
    const call = () => play(allow('tank', 'everyone', list as string[], {}, there))
    assert.instance(await thrown(call), ArgumentInvalid, String(list))
  }
  const scoped = (to: Delegate, scope: string) => () =>
    play(allow('tank', to, ['mount'], { scope: scope as 'local' }, there))
  assert.instance(await thrown(scoped('creator', 'local')), ArgumentInvalid)
  assert.instance(await thrown(scoped({ set: '@s' }, 'local')), ArgumentInvalid)
  assert.instance(await thrown(scoped('everyone', 'toString')), ArgumentInvalid)
})

test('a user or a permission that nobody knows is said, whatever the exit status', async () => {
  const call = () => allow('tank', { user: 'joe' }, ['mount'], {}, there)
  const user = await thrown(() => play(call(), { exitCode: 0, stderr: 'zfs: error: invalid user joe\n\n' }))
  assert.instance(user, ArgumentInvalid)
  assert.match(user.message, /names nobody here \(invalid user joe\)/)
  const other = "cannot set permissions on 'tank': operation not applicable to datasets of this type"
  assert.match((await thrown(() => play(call(), { exitCode: 1, stderr: other }))).message, /zfs-allow\(8\)/)
  const missing = () => play(allow('tank/x', 'everyone', ['mount'], {}, nowhere), { exitCode: 1 })
  assert.instance(await thrown(missing), FilesystemNotFound)
})

const title = (name: string): string => `---- Permissions on ${name} `.padEnd(70, '-')
const listing = [
  title('tank/a - b'),
  'Permission sets:', '\t@s hold,snapshot',
  'Create time permissions:', '\tdestroy,mount',
  'Local permissions:', '\tuser nobody @s,load-key', '\tgroup domain users mount',
  'Local+Descendent permissions:', '\tuser (unknown: 1234) create', '\tgroup 77 create', '\tuser joe@corp mount',
  title('tank'),
  'Descendent permissions:', '\teveryone mount',
] // biome-ignore format: as it is printed

test('permissions are read as they are printed', () => {
  assert.equal(parsePermissions(`${listing.join('\n')}\n`, 'tank/a - b', 'read'), [
    {
      name: 'tank/a - b',
      grants: [
        { to: { set: '@s' }, scope: 'both', permissions: ['hold', 'snapshot'] },
        { to: 'creator', scope: 'both', permissions: ['destroy', 'mount'] },
        { to: { user: 'nobody' }, scope: 'local', permissions: ['@s', 'load-key'] },
        { to: { group: 'domain users' }, scope: 'local', permissions: ['mount'] },
        { to: { user: 1234 }, scope: 'both', permissions: ['create'] },
        { to: { group: 77 }, scope: 'both', permissions: ['create'] },
        { to: { user: 'joe@corp' }, scope: 'both', permissions: ['mount'] },
      ],
    },
    { name: 'tank', grants: [{ to: 'everyone', scope: 'descendent', permissions: ['mount'] }] },
  ])
  assert.equal(parsePermissions('', 'tank', 'read'), [])
  assert.is(play(permissions('tank', there)).command, 'allow tank')
})

test('permissions that could be read in two ways are not guessed', async () => {
  const own = title('tank')
  const strange = [
    ['\tuser a mount'], [own, '\tuser a mount'], [title('tank/b')], [title('pond')], [own, own], [own, 'Owner permissions:'],
    [own, 'Local permissions:', 'user a mount'], [own, 'Local permissions:', '\tuser joe @a b'],
    [own, 'Local permissions:', '\tuser joe mount,@a b'], [own, 'Local permissions:', '\tuser a Mount'],
    [own, 'Local permissions:', '\trole a mount'], [own, 'Local permissions:', '\tuser a mount,'],
    [own, 'Permission sets:', '\t@a b mount'], [own, 'Permission sets:', '\ta mount'], [own, 'Create time permissions:', '\ta b'],
    [own, ''], ['constructor'], [own, 'toString'], [own, 'Local permissions:', '\tuser (unknown: x) mount'],
  ] // biome-ignore format: a table
  for (const lines of strange) {
    const error = await thrown(() => parsePermissions(`${lines.join('\n')}\n`, 'tank', 'read'))
    assert.instance(error, OutputNotUnderstood, lines.join('|'))
  }
})

test('changes are read with every byte of their paths', async () => {
  const line = (...columns: string[]): string => `1795281324.880034291\t${columns.join('\t')}\n`
  const read = (stdout: string) => parseDiff(stdout, { name: 'tank@a', asked: 'compare' })
  const ctimeNs = 1_795_281_324_880_034_291n
  assert.equal(read(line('M', 'F', '/t/a', '(-1)')), [
    { change: 'modified', kind: 'file', path: '/t/a', links: -1, ctimeNs },
  ])
  assert.equal(read(line('R', '/', '/t/d', '/t/d\\0040e\\0012\\0134')), [
    { change: 'renamed', kind: 'directory', path: '/t/d', to: '/t/d e\n\\', ctimeNs },
  ])
  const [added, latin] = read(line('+', '@', '/t/\\0303\\0251') + line('-', '|', '/t/\\0377'))
  assert.is(added?.path, '/t/é')
  assert.equal(latin?.path, Buffer.from('/t/\xff', 'latin1'))
  assert.is(read(`        -1.000000001\t-\t?\t/t/x\n`)[0]?.ctimeNs, -999_999_999n)
  assert.equal(read(''), [])
  const strange = [
    line('X', 'F', '/a'), line('M', 'X', '/a'), line('M', 'F', ''), line('M', 'F', '/a b'), line('M', 'F', '/a\\040'),
    line('M', 'F', '/a\\0400'), line('R', 'F', '/a'), line('M', 'F', '/a', '/b'), line('R', 'F', '/a', '/b', '/c'), 'M\tF\t/a\n',
    line('M', 'F', '/é'), '\n', line('toString', 'F', '/a'),
  ] // biome-ignore format: a table
  for (const each of strange) assert.instance(await thrown(() => read(each)), OutputNotUnderstood, each)
})

test('what cannot be compared is told apart', async () => {
  const compare = (from: string, to?: string, stderr = '', exists = there) =>
    thrown(() => play(diff(from, to, exists), { exitCode: 1, stderr }))
  assert.is(play(diff('tank@a', undefined, there)).command, 'diff -H -F -t tank@a')
  assert.is(play(diff('tank@a', 'tank', there)).command, 'diff -H -F -t tank@a tank')
  assert.instance(await compare('tank'), NameInvalid)
  assert.instance(await compare('tank@a', '-x'), NameInvalid)
  assert.instance(await compare('tank@a', undefined, '', nowhere), SnapshotNotFound)
  const later = await compare('tank@a', 'tank@b', '', (name) => name === 'tank@a')
  assert.equal([later.name, (later as SnapshotNotFound).details.name], ['SnapshotNotFound', 'tank@b'])
  assert.instance(await compare('tank@b', 'tank@a', 'Not an earlier snapshot from the same fs'), SnapshotMismatch)
})

test('usage comes in numbers', async () => {
  const stdout = '0\t2048\t4\t0\t0\n99\t-\t-\t0\t7\n1234\t512\t1\t5242880\tnone\n'
  const { result, command } = play(space('userspace', 'tank/a', there), { stdout })
  assert.is(command, 'userspace -H -p -n -o name,used,objused,quota,objquota tank/a')
  assert.equal(result, [
    { id: 0, used: 2048n, objects: 4n },
    { id: 99, used: 0n, objects: 0n, objectQuota: 7n },
    { id: 1234, used: 512n, objects: 1n, quota: 5_242_880n },
  ])
  const projects = play(space('projectspace', 'tank@a', there))
  assert.is(projects.command, 'projectspace -H -p -o name,used,objused,quota,objquota tank@a')
  for (const line of ['joe\t1\t1\t0\t0', '1\t1\t1\t0', '1\t1K\t1\t0\t0', '1\t1\t1\t0\t0\t0', '']) {
    const call = () => play(space('groupspace', 'tank', there), { stdout: `${line}\n` })
    assert.instance(await thrown(call), OutputNotUnderstood, line)
  }
  const volume = { exitCode: 1, stderr: "cannot open 'tank/v': operation not applicable to datasets of this type" }
  assert.instance(await thrown(() => play(space('userspace', 'tank/v', there), volume)), DatasetTypeInvalid)
})

test('namespaces and jails belong to one system each', async () => {
  const zfs = openZfs()
  const [own, foreign] =
    process.platform === 'linux'
      ? [zone('zone', 'tank', 7, there), jail('jail', 'tank', 7, there)]
      : [jail('jail', 'tank', 7, there), zone('zone', 'tank', 7, there)]
  assert.match(play(own).command ?? '', /7/)
  assert.instance(await thrown(() => play(foreign)), PlatformNotSupported)
  assert.is(zfs.isSupported(process.platform === 'linux' ? 'jail' : 'zone'), false)
  assert.is(zfs.isSupported('diff'), true)
})

if (process.platform === 'linux') {
  test('a namespace is a process or a file, and failures say which of the two is wrong', async () => {
    const failure = (stderr: string, exists = there, exitCode = 1) =>
      thrown(() => play(zone('zone', 'tank/f', '/proc/1/ns/user', exists), { exitCode, stderr }))
    assert.is(play(zone('unzone', 'tank/f', 1, there)).command, 'unzone /proc/1/ns/user tank/f')
    for (const namespace of [0, -1, 1.5, Number.NaN, 'ns', '-x', '', '/a\0', undefined] as number[]) {
      const call = () => play(zone('zone', 'tank', namespace, there))
      assert.instance(await thrown(call), ArgumentInvalid, String(namespace))
    }
    assert.instance(await failure('the provided file was not a user namespace file'), NotUserNamespace)
    assert.instance(await failure('operation not applicable to datasets of this type'), DatasetTypeInvalid)
    assert.instance(await failure('dataset does not exist', nowhere), FilesystemNotFound)
    assert.instance(await failure("unrecognized command 'zone'\n", there, 2), CallNotSupported)
    play(zone('zone', 'tank/f', 1, there), { exitCode: 1, stderr: 'dataset already exists' })
    play(zone('unzone', 'tank/f', 1, there), { exitCode: 1, stderr: 'dataset does not exist' })
  })
}

test('the embedded ZFS says that it has none of this', async () => {
  const zfs = embeddedZfs({ directory: '/nowhere' }) as unknown as Record<string, (...args: unknown[]) => unknown>
  for (const call of Object.keys(commandTable)) {
    if (zfs.isSupported?.(call)) continue
    assert.instance(await thrown(() => zfs[call]?.('tank')), NotSupportedOnEmbedded, call)
    assert.instance(await thrown(() => zfs[`${call}Sync`]?.('tank')), NotSupportedOnEmbedded, call)
  }
})

/** A ZFS that knows the properties of one dataset. */
const knows = (values: Record<string, string>): Zfs => {
  const properties = Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name, { value: propertyValue(name, text), source: 'none' }]),
  )
  const dataset = { name: 'tank/e', type: 'filesystem', properties }
  return { get: async () => dataset, getSync: () => dataset } as unknown as Zfs
}

test('a passphrase becomes the key that OpenZFS derives from it', async () => {
  // PBKDF2-HMAC-SHA1 of RFC 8018, made with another implementation (Python's hashlib).
  const zfs = knows({ keyformat: 'passphrase', pbkdf2salt: '13800702072474009430', pbkdf2iters: '100000' })
  const expected = '6c48381c4a0c590f17c596933b86995481e2835caa9522550beb01144b6c3fdf'
  const bytes = Buffer.from('correct horse')
  const keys = [await passphraseKey(zfs, 'tank/e', bytes), passphraseKeySync(zfs, 'tank/e', 'correct horse')]
  for (const key of keys) assert.is(Buffer.from(key).toString('hex'), expected)
  assert.is(bytes.toString(), 'correct horse')
  for (const made of [await newPassphraseKey('correct horse'), newPassphraseKeySync('correct horse')]) {
    const { keyformat, keylocation, pbkdf2iters, pbkdf2salt } = made.props
    assert.equal([keyformat, keylocation, pbkdf2iters], [3n, 'prompt', 350_000n])
    const again = knows({ keyformat: 'passphrase', pbkdf2salt: String(pbkdf2salt), pbkdf2iters: String(pbkdf2iters) })
    assert.equal(Buffer.from(passphraseKeySync(again, 'tank/e', 'correct horse')), Buffer.from(made.key))
  }
})

test('what is no passphrase is refused, and never repeated', async () => {
  const zfs = knows({ keyformat: 'passphrase', pbkdf2salt: '1', pbkdf2iters: '100000' })
  for (const secret of ['hunter2', 'x'.repeat(513), 'hunter2\0hunter2', 'hunter22\n', 'hunter22\ud800', 7, undefined]) {
    for (const call of [
      () => passphraseKey(zfs, 'tank/e', secret as string),
      () => newPassphraseKeySync(secret as string),
    ]) {
      const error = await thrown(call)
      assert.instance(error, ArgumentInvalid, String(secret))
      assert.not.match(JSON.stringify(error), /hunter/)
    }
  }
  for (const iterations of [0, 99_999, 1.5, 2 ** 31, Number.NaN]) {
    assert.instance(await thrown(() => newPassphraseKey('hunter22', { iterations })), ArgumentInvalid)
  }
  for (const keyformat of ['raw', 'none', '-']) {
    assert.instance(await thrown(() => passphraseKey(knows({ keyformat }), 'tank/e', 'hunter22')), PropertyInvalid)
  }
})

test.run()
