import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packTar, type TarEntry } from 'modern-tar'
import { storedXz } from '../../examples/support/stored-xz.ts'
import type { IllegalArchiveContent } from '../../packages/jail/src/release/errors.ts'
import { extract } from '../../packages/jail/src/release/extract.ts'
import { assert, type Suite, thrown } from '../harness.ts'

// Archives of a release, made of their entries, and what comes out of them.

export const mtime = new Date('2024-02-29T12:34:56Z')
let directory = ''
let count = 0

/** A directory for the archives of a suite, which goes with it. */
export function archives(test: Suite): void {
  test.before(() => {
    directory = mkdtempSync(join(tmpdir(), 'gaoler-extract-'))
  })
  test.after(() => {
    openUp(directory)
    rmSync(directory, { recursive: true })
  })
}

/** Who is not root cannot empty a directory that is not writable. It must not follow links: they lead to the host. */
function openUp(path: string): void {
  chmodSync(path, 0o755)
  for (const found of readdirSync(path, { withFileTypes: true })) {
    if (found.isDirectory()) openUp(join(path, found.name))
  }
}

type Header = Partial<TarEntry['header']>
export const file = (name: string, text = 'text', more: Header = {}): TarEntry => ({
  header: { name, type: 'file', mode: 0o644, mtime, uid: 0, gid: 0, size: Buffer.byteLength(text), ...more },
  body: text,
})
export const other = (type: TarEntry['header']['type'], name: string, more: Header = {}): TarEntry => ({
  header: { name, type, mode: 0o755, mtime, uid: 0, gid: 0, size: 0, ...more },
})
export const folder = (name: string, mode = 0o755): TarEntry => other('directory', name, { mode })
export const symlink = (name: string, linkname: string): TarEntry => other('symlink', name, { linkname })
export const link = (name: string, linkname: string): TarEntry => other('link', name, { linkname })

/** A file with holes, as GNU sparse 1.0 stores it. */
export const sparse = (
  name: string,
  regions: [at: number, size: number][],
  size: number,
  content: string,
): TarEntry => {
  const map = [regions.length, ...regions.flat()].map((number) => `${number}\n`).join('')
  const pax = {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': name,
    'GNU.sparse.realsize': `${size}`,
  }
  return file('GNUSparseFile.0/s', map.padEnd(Math.ceil(map.length / 512) * 512, '\0') + content, { pax })
}

/** An archive and a fresh directory for it, below which nothing but `root` may ever appear. */
export async function archiveOf(
  entries: TarEntry[] | Uint8Array,
): Promise<{ archive: string; root: string; around: string }> {
  const around = join(directory, `case-${count++}`)
  mkdirSync(join(around, 'root'), { recursive: true })
  const archive = join(around, 'base.txz')
  writeFileSync(archive, entries instanceof Uint8Array ? entries : storedXz(await packTar(entries)))
  return { archive, root: join(around, 'root'), around }
}

export async function unpacked(entries: TarEntry[]): Promise<{ at: (path: string) => string; result: object }> {
  const { archive, root } = await archiveOf(entries)
  const result = await extract(archive, root)
  return { at: (path) => join(root, path), result }
}

/** The error for an archive that must be refused, after a look that nothing was written beside the root. */
export async function refusal(entries: TarEntry[] | Uint8Array): Promise<IllegalArchiveContent> {
  const { archive, root, around } = await archiveOf(entries)
  const error = await thrown<IllegalArchiveContent>(() => extract(archive, root))
  assert.equal(readdirSync(around).sort(), ['base.txz', 'root'])
  return error
}
