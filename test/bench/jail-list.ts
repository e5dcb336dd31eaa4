import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { HostGenerator, JailsGenerator, properties } from '@gaoler/jail'
import { execa } from 'execa'
import { labPool } from '../../examples/support/lab-pool.ts'
import { makeJails } from '../jail/many-jails.ts'

// What it costs to list 1,000 jails beside the least that shows the same: on the embedded platform reading the directory and
// every file, in the lab one `zfs list`. Ratios of one run, by turns, so that both see the same load of the machine.

const COUNT = 1000
// The address is a value of the configuration as any other; the name it has there may come with another version.
const COLUMNS = ['full_name', 'running', 'release', Object.hasOwn(properties, 'ip4_addr') ? 'ip4_addr' : 'resolver']

interface Bench extends AsyncDisposable {
  readonly host: HostGenerator
  readonly peer: string
  readonly bar: number
  readonly rounds: number
  bare(): Promise<number>
}

async function embedded(): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-bench-'))
  const host = HostGenerator.open({ platform: 'embedded', directory })
  await makeJails(host, COUNT)
  const jails = host.datasets.path(host.datasets.main.jails)
  return {
    host,
    peer: 'readdir, 1,000 readFileSync and JSON.parse',
    bar: 2,
    rounds: 15,
    bare: async () => {
      let found = 0
      for (const name of readdirSync(jails)) {
        if (JSON.parse(readFileSync(join(jails, name, 'config.json'), 'utf8')).release) found++
      }
      return found
    },
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

async function linux(): Promise<Bench> {
  const pool = await labPool('bench')
  const host = HostGenerator.open({ platform: 'linux' })
  await drain(host.activate(pool.name))
  await makeJails(host, COUNT)
  return {
    host,
    peer: 'one zfs list of the same datasets',
    bar: 1.5,
    rounds: 7,
    bare: async () => {
      const { stdout } = await execa('zfs', [
        'list',
        '-j',
        '-d',
        '1',
        '-t',
        'filesystem',
        '-o',
        'name',
        host.datasets.main.jails,
      ])
      return Object.keys(JSON.parse(stdout).datasets).length - 1
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

async function list(host: HostGenerator): Promise<number> {
  let found = 0
  for await (const row of new JailsGenerator(null, { host }).rows(COLUMNS)) if (row.release) found++
  return found
}

async function time(body: () => Promise<number>): Promise<number> {
  const [from, used] = [performance.now(), process.cpuUsage()]
  if ((await body()) !== COUNT) throw new Error(`not all ${COUNT} jails were seen`)
  const { user, system } = process.cpuUsage(used)
  // Commands do their work elsewhere: there only the clock tells.
  return process.env.GAOLER_LAB_SCRATCH ? performance.now() - from : (user + system) / 1000
}

/** The mean of all rounds but the first: processor time comes in ticks that are a good part of one round. */
const mean = ([, ...rest]: readonly number[]): number => rest.reduce((sum, each) => sum + each, 0) / rest.length

await using bench = process.env.GAOLER_LAB_SCRATCH ? await linux() : await embedded()
const [ours, bare]: [number[], number[]] = [[], []]
for (let round = 0; round < bench.rounds; round++) {
  bare.push(await time(bench.bare))
  ours.push(await time(() => list(bench.host)))
}
const ratio = mean(ours) / mean(bare)
const name = `list of 1,000 jails (${bench.host.platform.name}), to ${bench.peer}`
console.log(
  `${name.padEnd(90)} ${ratio.toFixed(2)}×   ${ratio <= bench.bar ? 'met' : 'NOT MET'}: at most ${bench.bar}× (${mean(ours).toFixed(0)} ms to ${mean(bare).toFixed(0)} ms)`,
)
