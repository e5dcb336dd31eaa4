import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { commandTable } from '../../packages/zfs/src/command/table.ts'
import { embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import type { Call } from '../../packages/zfs/src/lzc/call.ts'
import { table } from '../../packages/zfs/src/lzc/table.ts'
import { poolTable } from '../../packages/zfs/src/pool/table.ts'
import { generated } from './source.ts'

const root = resolve(import.meta.dirname, '../..')

/** Where tests are looked for: on real pools first, then on every platform, then without a kernel. */
const places = [
  'test/zfs/lzc-*.lab.test.ts',
  'test/conformance/zfs-*.ts',
  'test/zfs/*.lab.test.ts',
  'test/zfs/lzc-*.test.ts',
]

const systems = { linux: 'Linux', freebsd: 'FreeBSD, not run yet' } as const
const privileges = { any: 'everybody', delegated: 'root, or `zfs allow`', root: 'root' } as const

/** docs/status.md: every function of libzfs_core, and how far it is bound. */
export function statusPage(): string {
  const tests = places.flatMap((place) => globSync(place, { cwd: root }).sort())
  const texts = tests.map((path) => ({ path, text: readFileSync(resolve(root, path), 'utf8') }))
  // Nothing is read or written before a call.
  const embedded = embeddedZfs({ directory: resolve(root, 'nowhere') })
  const link = (name: string, of = 'zfs'): string => {
    const used = new RegExp(`\\b${of}\\.${name}(?:Sync)?\\b`)
    const test = texts.find(({ text }) => used.test(text))
    if (!test) throw new Error(`no test calls ${name}`)
    return `[${test.path.split('/').at(-1)}](../${test.path})`
  }
  const here = (name: string): string => (embedded.isSupported(name as keyof typeof table) ? 'yes' : 'no')
  const commands = Object.entries(commandTable)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { command, since, privilege, system }]) => {
      const where = system === undefined ? 'both' : systems[system]
      return `| \`${name}\` | \`${command}\` | ${since} | ${privileges[privilege]} | ${where} | ${here(name)} | ${link(name)} |`
    })
  const pools = Object.entries(poolTable).map(([name, { command, since, privilege }]) => {
    const own = embedded.pools.isSupported(name as keyof typeof poolTable) ? 'yes' : 'no'
    return `| \`${name}\` | \`${command}\` | ${since} | ${privileges[privilege]} | ${own} | ${link(name, 'pools')} |`
  })
  const rows = Object.entries(table as unknown as Record<string, Call<unknown[], unknown>>)
    .sort(([, a], [, b]) => (a.symbol < b.symbol ? -1 : 1))
    .map(([name, call]) => {
      const since = call.since === '2.5' ? 'after 2.4' : call.since
      const asked = privileges[call.privilege]
      return `| \`${name}\` | \`${call.symbol}\` | ${since} | ${asked} | ${call.long ? 'long' : 'short'} | ${here(name)} | ${link(name)} |`
    })
  return `${generated}

# libzfs_core, function by function

Each is \`zfs.name()\`, which returns a promise, and \`zfs.nameSync()\`, which blocks. ${rows.length} are bound: all of OpenZFS 2.0 to 2.4,
and what comes after 2.4 as far as it is known. \`zfs.isSupported('name')\` asks the library that is installed; a call that it
lacks throws \`CallNotSupported\`, which says the version that brings it. _since_ counts from 2.0. A _long_ call waits for a stream or for
work in the background; its promise never takes the last of libuv's threads. [pyzfs's names](rosetta-pyzfs.md).

| call | C symbol | since | who may | | embedded | test |
| ---- | -------- | ----- | ------- | --- | -------- | ---- |
${rows.join('\n')}

## What goes through a command

libzfs_core has no such calls; each has both forms all the same. \`mount\` and \`unmount\` are libzfs's where it can be loaded, and start
no process. On Linux mounting needs root in any case.

| call | command | since | who may | system | embedded | test |
| ---- | ------- | ----- | ------- | ------ | -------- | ---- |
${commands.join('\n')}

## Pools

\`zfs.pools.name()\`, each in both forms ([pools.md](pools.md)).

| call | through | since | who may | embedded | test |
| ---- | ------- | ----- | ------- | -------- | ---- |
${pools.join('\n')}

## What is in no table

| symbol | why |
| ------ | --- |
| \`libzfs_core_init\` | called once, before the first call |
| \`libzfs_core_fini\` | never called: another thread may be in a call, and once too often ends the process |
| \`lzc_channel_program_impl\` | internal: not exported; \`channelProgram\` and \`channelProgramNosync\` are both of its faces |
| \`lzc_destroy_snap\` | there is none; it is \`lzc_destroy_snaps\` with one name |
| \`lzc_ioctl_fd\`, \`lzc_send_wrapper\` | helpers of \`zfs send\`: a raw ioctl on a structure without a stable layout, and a callback in C |
| \`lzc_condense\` | after 2.4, and not released |
| \`lzc_list\`, \`lzc_get_props\` and \`lzc_set_props\` of datasets, \`lzc_inherit\`, \`lzc_mount\` | never were in a release; \`list\`, \`get\`, \`set\`, \`inherit\` go through the command \`zfs\`, \`mount\` and \`unmount\` through libzfs |
`
}
