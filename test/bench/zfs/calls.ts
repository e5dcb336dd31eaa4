import { spawn } from 'node:child_process'
import { openZfs } from '@gaoler/zfs'
import { execa } from 'execa'
import { makePool } from '../../zfs/pool.ts'
import { compare, notSlower, report, timed } from './compare.ts'
import { alone } from './nothing.ts'
import { Pyzfs } from './pyzfs.ts'

// `exists` beside pyzfs and beside the command; and both bindings on a library that does nothing.

const COUNT = 10_000

const zfs = openZfs()
if (process.argv[2] === 'alone') {
  for (let time = 0; time < 3; time++) console.log(await exists('tank'))
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
  report('exists 10,000 times, to pyzfs', calls, notSlower)
  // The kernel opens a dataset that is not mounted anew each time.
  const opened = await compare(
    9,
    () => exists(idle, COUNT / 10),
    () => peer.time('exists', idle, COUNT / 10),
  )
  report('the same of a dataset that is not mounted, to pyzfs', opened, notSlower)
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

  const binding = await alone(import.meta.filename, 'the first', (stub) => stub.time('exists', mounted, COUNT))
  const share = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`
  const [own, other] = [share(binding.ours, calls.ours), share(binding.peer, calls.peer)]
  console.log(`  the binding's own share of exists: ${own}; pyzfs's: ${other}`)
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
