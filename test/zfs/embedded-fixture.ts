import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type EmbeddedZfs, embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import type { Suite } from '../harness.ts'

// In memory where that is to be had: these tests make and remove thousands of files.
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A new directory that is removed when the suite is done. */
export function scratch(test: Suite): string {
  const directory = realpathSync(mkdtempSync(join(base, 'gaoler-embedded-')))
  test.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Everything that can be seen of an embedded ZFS but what differs from run to run: names, properties, files. */
export function picture(zfs: EmbeddedZfs): Record<string, unknown> {
  const seen: Record<string, unknown> = {}
  const properties = ['mounted', 'mountpoint', 'origin', 'clones', 'userrefs', 'defer_destroy', 'canmount', 'gaoler:x']
  for (const { name, type, properties: read } of zfs.listSync({ types: ['filesystem', 'snapshot'], properties })) {
    const values = Object.values(read).map(({ value, source }) => `${value} (${source})`)
    const bookmarks = type === 'snapshot' ? [] : Object.keys(zfs.getBookmarksSync(name))
    seen[name] = [type, ...values, ...bookmarks, tree(filesOf(zfs, name))]
  }
  return seen
}

/** Where the files of a dataset or snapshot are. */
function filesOf(zfs: EmbeddedZfs, name: string): string {
  if (name.includes('@')) return zfs.snapshotDirectory(name)
  const { mounted, mountpoint, guid } = zfs.getSync(name, ['mounted', 'mountpoint', 'guid']).properties
  return mounted.value ? String(mountpoint.value) : join(zfs.directory, 'data', String(guid.value))
}

/** A tree as text, a line for each file: mode, path, and what is in it. */
export function tree(root: string, below = ''): string[] {
  const path = join(root, below)
  const stat = lstatSync(path)
  const mode = (stat.mode & 0o7777).toString(8)
  if (stat.isSymbolicLink()) return [`${below} -> ${readlinkSync(path)}`]
  if (stat.isFile()) return [`${mode} ${below} = ${readFileSync(path, 'utf8')}`]
  const names = readdirSync(path).sort()
  return [`${mode} ${below}/`, ...names.flatMap((name) => tree(root, join(below, name)))]
}

/** What lies in the directory that belongs to nothing; empty when all is well. */
export function litter(directory: string): string[] {
  const zfs = embeddedZfs({ directory })
  // Any transaction clears up behind the dead.
  zfs.pools.createSync('litter')
  const types = ['filesystem', 'volume', 'snapshot'] as const
  const found = zfs.listSync({ types, properties: ['guid', 'mounted'] })
  const guids = (wanted: (type: string, mounted: boolean | null) => boolean) =>
    found
      .filter(({ type, properties }) => wanted(type, properties.mounted.value))
      .map(({ properties }) => String(properties.guid.value))
  const expected: Record<string, string[]> = {
    data: guids((type, mounted) => type !== 'snapshot' && !mounted),
    covered: guids((_, mounted) => mounted === true),
    // One that was received has the guid of the one that was sent.
    snapshots: found.flatMap(({ name }) => (name.includes('@') ? basename(zfs.snapshotDirectory(name)) : [])),
    staging: [],
    trash: [],
  }
  return Object.entries(expected).flatMap(([folder, names]) => {
    const here = readdirSync(join(directory, folder))
    const extra = here.filter((name) => !names.includes(name)).map((name) => `extra ${folder}/${name}`)
    return [...extra, ...names.filter((name) => !here.includes(name)).map((name) => `no ${folder}/${name}`)]
  })
}

/** Arguments of a call, with a descriptor for each `fd:PATH`. */
function withDescriptors(args: readonly unknown[]): unknown[] {
  return args.map((each) => (typeof each === 'string' && each.startsWith('fd:') ? openSync(each.slice(3), 'r') : each))
}

/** A call by its name: `create`, or of the pools `pools.create`. */
export function callOf(zfs: EmbeddedZfs, call: string): (...args: unknown[]) => unknown {
  const [name = '', owner] = call.split('.').reverse()
  const of = owner === undefined ? zfs : zfs.pools
  return (...args) => (Reflect.get(of, name) as (...args: unknown[]) => unknown)(...withDescriptors(args))
}

/** What a child process does; see `embedded-child.ts`. */
export interface Task {
  readonly directory: string
  readonly calls: readonly (readonly [call: string, ...args: unknown[]])[]
  /** Die by SIGKILL before the n-th change to a file. */
  readonly killAt?: number
  /** Become this user first. */
  readonly uid?: number
  /** How often to do all calls; `%n` in their arguments is the number of the turn. */
  readonly times?: number
}

export interface Outcome {
  readonly signal: NodeJS.Signals | null
  /** One word per call: `ok` or the name of its error. */
  readonly results: readonly string[]
  /** How many changes to files there were. */
  readonly changes: number
}

/** Runs a task in a process of its own. */
export function inChild(task: Task): Promise<Outcome> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'embedded-child.ts'), JSON.stringify(task)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'gaoler-cache') },
    },
  )
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal === null && code !== 0) return reject(new Error(`the child ended with ${code}`))
      resolve({ signal, results: [], changes: 0, ...(signal === null ? (JSON.parse(output) as object) : {}) })
    })
  })
}

/** A new embedded ZFS in `directory`, with `tank/a` mounted at `path`. */
export function prepared(directory: string): { zfs: EmbeddedZfs; directory: string; path: string } {
  const zfs = embeddedZfs({ directory })
  zfs.pools.createSync('tank')
  zfs.createSync('tank/a')
  zfs.mountSync('tank/a')
  return { zfs, directory, path: join(directory, 'mnt/tank/a') }
}
