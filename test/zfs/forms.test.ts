import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { ArgumentInvalid, embeddedZfs, openZfs, type Zfs, type ZfsCalls } from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { goodCalls } from './bad-input-calls.ts'

const test = suite('zfs/forms')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-forms-'))
const platforms: readonly Zfs[] = [openZfs(), embeddedZfs({ directory })]
test.after(() => rmSync(directory, { recursive: true, force: true }))

type Calling = (...args: unknown[]) => unknown

/** Both forms of a call refuse the arguments, on each platform that has it. */
async function refused(call: string, args: readonly unknown[], message: string | RegExp): Promise<void> {
  for (const zfs of platforms) {
    if (zfs.kind === 'embedded' && !zfs.isSupported(call as keyof ZfsCalls)) continue
    const faces = zfs as unknown as Record<string, Calling>
    const rejected = faces[call]?.(...args)
    assert.instance(rejected, Promise, `${call} is no promise`)
    for (const body of [() => rejected, () => faces[`${call}Sync`]?.(...args)]) {
      const error = await thrown(body)
      assert.instance(error, ArgumentInvalid, `${zfs.kind} ${call} ${inspect(args)}: ${error}`)
      assert.match(error.message, message)
    }
  }
}

test('a text is no list of its letters: the refusal says what to write', async () => {
  await refused(
    'snapshot',
    ['tank/a@x'],
    'cannot call snapshot: argument 1 is the text "tank/a@x", and must be a list: ["tank/a@x"]',
  )
  await refused('get', ['tank', 'used'], 'argument 2 is the text "used", and must be a list: ["used"]')
  await refused(
    'list',
    [{ types: 'snapshot' }],
    'the option types is the text "snapshot", and must be a list: ["snapshot"]',
  )
  await refused('list', [{ properties: 'used' }], 'the option properties is the text "used"')
  await refused('sendSpace', ['tank/a@x', { flags: 'raw' }], 'the option flags is the text "raw"')
  await refused('release', [{ 'tank/a@x': 'tag' }], 'argument 1 is of the type object, and must be an object of lists')
})

test('each argument of another form is refused as such, in every call of libzfs_core', async () => {
  // What these store is a list of values, which may be a Map.
  const { setBootenv: _, setVdevProp: __, ...calls } = goodCalls('tank')
  let done = 0
  for (const [call, args] of Object.entries(calls) as [string, unknown[]][]) {
    for (const [index, good] of args.entries()) {
      if (typeof good !== 'object' || ArrayBuffer.isView(good)) continue
      for (const wrong of ['tank/a@x', 7, null, () => 1, Array.isArray(good) ? {} : ['tank'], new Map()]) {
        await refused(call, args.with(index, wrong), `argument ${index + 1} is `)
        done++
      }
    }
  }
  assert.ok(done > 150, String(done))
})

test('what only commands do is as strict: a word is not taken for options, and nothing for a list', async () => {
  const wrong: readonly (readonly [keyof ZfsCalls, ...unknown[]])[] = [
    ['list', 'tank'],
    ['list', null],
    ['names', 'tank', 'filesystem'],
    ['get', 'tank'],
    ['set', 'tank', 'atime=off'],
    ['set', 'tank'],
    ['unmount', 'tank', 'force'],
    ['allow', 'tank', { user: 'joe' }, 'mount'],
    ['unallow', 'tank', { user: 'joe' }, 'mount'],
    ['diff', 'tank@a', 'tank@b', 'x'],
  ]
  for (const [call, ...args] of wrong) await refused(call, args, 'and must be a')
  for (const { pools } of platforms) {
    const { list, get, create, destroy } = pools as unknown as Record<string, Calling>
    const calls = [() => list?.('tank'), () => list?.({ properties: 'size' }), () => get?.('tank', 'size')]
    for (const body of [...calls, () => create?.('tank', 'sda'), () => destroy?.('tank', 'force')]) {
      assert.instance(await thrown(body), ArgumentInvalid)
    }
  }
  for (const zfs of platforms) assert.instance(await thrown(() => zfs.iterate('tank' as never)), ArgumentInvalid)
})

test.run()
