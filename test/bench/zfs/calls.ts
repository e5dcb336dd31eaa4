import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { openZfs } from '@gaoler/zfs'
import { execa } from 'execa'
import { makePool } from '../../zfs/pool.ts'
import { compare, report, timed } from './compare.ts'
import { Pyzfs } from './pyzfs.ts'

// `exists` beside pyzfs and beside the command; and both bindings on a library that does nothing.

const COUNT = 10_000

const zfs = openZfs()
const [child] = process.argv.slice(2)
// The library that does nothing is loaded by a process of its own, which is this program again.
if (child !== undefined) {
  for (let time = 0; time < 3; time++) console.log(await exists(child))
} else {
  const pool = makePool()
  try {
    await measure(pool.name)
  } finally {
    pool.destroy()
  }
}

async function measure(pool: string): Promise<void> {
  using peer = new Pyzfs()
  const [mounted, idle] = [pool, `${pool}/idle`]
  zfs.createSync(idle)
  const calls = await compare(
    21,
    () => exists(mounted),
    () => peer.time('exists', mounted, COUNT),
  )
  report('exists 10,000 times, to pyzfs', calls, 1)
  // The kernel opens a dataset that is not mounted anew each time.
  const opened = await compare(
    9,
    () => exists(idle, COUNT / 10),
    () => peer.time('exists', idle, COUNT / 10),
  )
  report('the same of a dataset that is not mounted, to pyzfs', opened, 1)
  const together = await compare(
    3,
    () => timed(() => Promise.all(Array.from({ length: COUNT }, () => zfs.exists(mounted)))),
    () => exists(mounted),
  )
  report('the same as 10,000 promises at once, to blocking', together)

  for (const name of [mounted, idle]) {
    const what = name === idle ? 'a dataset that is not mounted' : 'a mounted dataset'
    const one = async (spawned: () => unknown): Promise<void> => {
      const each = await compare(
        9,
        async () => (await exists(name, COUNT / 10)) / (COUNT / 10),
        () => timed(spawned),
      )
      report(`exists of ${what}, to ${spawned.name} of \`zfs list\``, each, 200)
    }
    await one(async function spawn() {
      await command(name)
    })
    await one(async function execaZfs() {
      await execa('zfs', ['list', '-H', '-o', 'name', name])
    })
  }

  const directory = mkdtempSync(join(process.env.GAOLER_LAB_SCRATCH ?? '/tmp', 'nothing-'))
  const library = join(directory, 'libzfs_core.so.3')
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'nothing.c')])
  const env = { ...process.env, LD_LIBRARY_PATH: directory }
  using stub = new Pyzfs({ LD_LIBRARY_PATH: directory })
  const binding = await compare(
    3,
    () =>
      Number(
        execFileSync(process.execPath, [import.meta.filename, mounted], { env })
          .toString()
          .trim()
          .split('\n')
          .at(-1),
      ),
    () => stub.time('exists', mounted, COUNT),
  )
  report('exists of a library that does nothing: the bindings alone, to pyzfs', binding)
  const share = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`
  console.log(
    `  the binding's own share of exists: ${share(binding.ours, calls.ours)}; pyzfs's: ${share(binding.peer, calls.peer)}`,
  )
}

function exists(name: string, count = COUNT): Promise<number> {
  return timed(() => {
    for (let time = 0; time < count; time++) if (!zfs.existsSync(name)) throw new Error('it does not exist')
  })
}

function command(name: string): Promise<void> {
  const child = spawn('zfs', ['list', '-H', '-o', 'name', name], { stdio: 'ignore' })
  return new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve()))
}
