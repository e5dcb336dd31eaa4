import childProcess from 'node:child_process'
import fs, { mkdtempSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Host, Jails, JailsGenerator, Releases } from '@gaoler/jail'
import { assert, suite, thrown } from '../harness.ts'
import { makeJails } from './many-jails.ts'

const test = suite('jail/list-scale')
const COUNT = 1000
const directory = mkdtempSync(join(tmpdir(), 'gaoler-many-'))
let host: Host

test.before(async () => {
  host = Host.open({ platform: 'embedded', directory })
  await makeJails(host, COUNT)
})
test.after(() => rmSync(directory, { recursive: true, force: true }))

interface Counts {
  opened: string[]
  started: number
}

/** Which files are opened, and how many processes started, while `body` runs: every way of Node's that Gaoler could take. */
async function counting(body: () => unknown): Promise<Counts> {
  const counts: Counts = { opened: [], started: 0 }
  const originals: (() => void)[] = []
  const watch = (of: object, names: readonly string[], see: (first: unknown) => void): void => {
    const functions = of as Record<string, (...args: unknown[]) => unknown>
    for (const name of names) {
      const original = functions[name] as (...args: unknown[]) => unknown
      originals.push(() => {
        functions[name] = original
      })
      functions[name] = (...args) => {
        see(args[0])
        return original(...args)
      }
    }
  }
  const open = (path: unknown): void => void counts.opened.push(String(path))
  watch(fs, ['open', 'openSync', 'readFile', 'readFileSync', 'createReadStream'], open)
  watch(fs.promises, ['open', 'readFile'], open)
  watch(
    childProcess,
    ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'exec', 'execSync', 'fork'],
    () => counts.started++,
  )
  syncBuiltinESMExports()
  try {
    await body()
  } finally {
    for (const restore of originals) restore()
    syncBuiltinESMExports()
  }
  return counts
}

const configs = ({ opened }: Counts): number => opened.filter((path) => path.endsWith('config.json')).length

test(
  'names and states of 1,000 jails come without opening a file of any of them and without a process',
  async () => {
    const few = 10
    for (const list of [
      () => [...new Jails(null, { host }).rows(['jid', 'full_name', 'running'])],
      () => [...new Jails('many* running=no', { host })],
      async () => {
        const rows: unknown[] = []
        for await (const row of new JailsGenerator('running=no', { host }).rows(['name', 'jid'])) rows.push(row)
        return rows
      },
    ]) {
      let found: readonly unknown[] = []
      const counts = await counting(async () => {
        found = await list()
      })
      assert.is(found.length, COUNT)
      assert.is(counts.started, 0)
      assert.is(configs(counts), 0)
      assert.ok(
        counts.opened.length <= few,
        `${counts.opened.length} files were opened: ${counts.opened.slice(0, few)}`,
      )
    }
  },
  { timeout: 60_000 },
)

test('a configuration is read when a column or filter needs it, and of the jails alone whose names fit', async () => {
  const wide = await counting(() => [...new Jails(null, { host }).rows(['name', 'release'])])
  assert.is(configs(wide), COUNT)
  let rows: readonly unknown[] = []
  const narrow = await counting(() => {
    rows = [...new Jails('many1+ release=15.0-*', { host }).rows(['name', 'release', 'user.no'])]
  })
  assert.is(configs(narrow), 110)
  assert.is(rows.length, 55)
  assert.equal(rows[0], { name: 'many101', release: '15.0-RELEASE', 'user.no': '101' })
})

test('a list is lazy: who takes one jail loads one', async () => {
  const counts = await counting(() => {
    for (const row of new Jails(null, { host }).rows(['release'])) {
      assert.ok(row)
      break
    }
  })
  assert.is(configs(counts), 1)
})

test('what no jail can have is refused by lists, also where there is no jail, and says what is near', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'gaoler-none-'))
  const none = Host.open({ platform: 'embedded', directory: empty })
  const refused = async (list: () => unknown, found: RegExp): Promise<void> => {
    assert.match((await thrown(list)).message, found)
  }
  await refused(() => [...new Jails(null, { host: none }).rows(['name', 'ip4_adr'])], /did you mean ip4_addr or /)
  await refused(() => [...new Jails('host_hostnme=x', { host: none })], /did you mean host_hostname/)
  await refused(() => [...new Jails(null, { host: none }).rows(['nosuch'])], /"nosuch" is no property of a jail/)
  assert.equal([...new Jails('user.any=x running=yes', { host: none }).rows(['name', 'user.any'])], [])
  const elsewhere = Host.open({ platform: 'embedded', directory: empty, sources: { ioc: 'nosuch/iocage' } })
  await refused(() => [...new Jails(null, { host: elsewhere })], /the pool nosuch is not available/)
  await refused(() => [...new Releases(null, { host: elsewhere })], /the pool nosuch is not available/)
  none.deactivate()
  await refused(() => [...new Jails(null, { host: none })], /choose a pool with: ioc activate POOL/)
  rmSync(empty, { recursive: true })
})

test.run()
