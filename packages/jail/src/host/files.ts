import { createHash } from 'node:crypto'
import { lstatSync, readlinkSync, symlinkSync } from 'node:fs'
import { chmod, constants, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defineEffects, type EffectContext } from '@gaoler/core'
import { type HostEffect, unseen } from '../plan/effect.ts'
import type { World } from '../plan/world.ts'
import {
  kindBeneath,
  makeDirectoryBeneath,
  removeBeneath,
  removeDirectoryBeneath,
  writeTextBeneath,
} from './beneath.ts'
import { realFiles } from './view.ts'

export interface WriteFile {
  /** Absolute path of the file. */
  readonly path: string
  readonly content: string
  /** What the file held before, null when there was none: the inverse writes it back. */
  readonly previous: string | null
  /** Of a file that is new, default 0644; one that is there keeps its own. */
  readonly mode?: number
  /** The root of a jail: no link between it and the file is followed, whoever puts one there meanwhile. */
  readonly below?: string
}

export interface SymbolicLink {
  readonly path: string
  readonly to: string
  readonly below: string
}

export interface RestoreFile {
  readonly path: string
  /** SHA-256 of what was written, in hexadecimal digits. */
  readonly written: string
  readonly previous: string | null
  /** Of the effect that wrote: who died in it has left a file with this in its name. */
  readonly mark: string
  readonly below?: string
}

export interface PutBack {
  readonly path: string
  readonly content: string
  /** Of the effect that removed: who died in putting it back has left a file with this in its name. */
  readonly mark: string
}

/** What jails and releases do with files of the host. */
export type FileEffects = {
  /** Atomic: readers see the old content or the new one. */
  readonly writeFile: HostEffect<WriteFile, void>
  /** Takes back what `writeFile` wrote; what others have written since stays. */
  readonly restoreFile: HostEffect<RestoreFile, void>
  /** `below`: as for `writeFile`. */
  readonly removeFile: HostEffect<{ path: string; below?: string }, void>
  /** Removes a file of the host that held `content`, and is undone by writing it again. */
  readonly dropFile: HostEffect<{ path: string; content: string }, void>
  /** Takes back what `dropFile` has done; what others have put there since stays. */
  readonly putBack: HostEffect<PutBack, void>
  /** Adds to a log, which nobody undoes: what was said was said. Its directory is made where it is missing. */
  readonly appendLog: HostEffect<{ path: string; text: string }, void>
  /** One directory in a jail's root; its parent must be there. */
  readonly makeDirectory: HostEffect<{ path: string; below: string }, void>
  /** Only an empty one: what the jail has put into it meanwhile stays. */
  readonly removeDirectory: HostEffect<{ path: string; below: string }, void>
  /** A symbolic link in a jail's root; `to` is what it has said, for the inverse. */
  readonly removeLink: HostEffect<SymbolicLink, void>
  readonly makeLink: HostEffect<SymbolicLink, void>
  readonly setMode: HostEffect<{ path: string; mode: number }, void>
}

export const fileEffects: FileEffects = defineEffects({
  writeFile: {
    run: (file: WriteFile, { mark }: EffectContext) => writeFile(file, mark),
    undo: ({ path, content, previous, below }: WriteFile, mark: string) => [
      'restoreFile',
      { path, written: digest(content), previous, mark, below },
    ],
    plan: ({ path, content }: WriteFile, world: World) => world.writeFile(path, content),
    secrets: ['content', 'previous'],
  },
  restoreFile: {
    run: async ({ path, written, previous, mark, below }: RestoreFile) => {
      await removeFile({ path: join(dirname(path), temporary(mark)), below })
      const found = realFiles.readText(path, below)
      if (found === null || digest(found) !== written) return
      if (previous !== null) await writeFile({ path, content: previous, previous: found, below }, mark)
      else await removeFile({ path, below })
    },
    undo: null,
    plan: ({ path, previous }: RestoreFile, world: World) => world.writeFile(path, previous),
    secrets: ['previous'],
  },
  removeFile: {
    run: removeFile,
    undo: null,
    plan: ({ path }: { path: string }, world: World) => world.writeFile(path, null),
  },
  dropFile: {
    run: ({ path }: { path: string }) => removeFile({ path }),
    undo: ({ path, content }: { path: string; content: string }, mark: string) => ['putBack', { path, content, mark }],
    plan: ({ path }: { path: string }, world: World) => world.writeFile(path, null),
    secrets: ['content'],
  },
  putBack: {
    run: async ({ path, content, mark }: PutBack) => {
      await removeFile({ path: join(dirname(path), temporary(mark)) })
      if (!realFiles.exists(path)) await writeFile({ path, content, previous: null, mode: 0o600 }, mark)
    },
    undo: null,
    plan: ({ path, content }: PutBack, world: World) => world.writeFile(path, content),
    secrets: ['content'],
  },
  appendLog: {
    run: async ({ path, text }: { path: string; text: string }) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW
      const file = await open(path, flags, 0o600)
      try {
        await file.writeFile(text)
      } finally {
        await file.close()
      }
    },
    undo: null,
    plan: unseen,
    secrets: ['text'],
  },
  makeDirectory: {
    run: ({ path, below }: { path: string; below: string }) => makeDirectoryBeneath(below, path, 0o755),
    undo: (directory: { path: string; below: string }) => ['removeDirectory', directory],
    plan: unseen,
  },
  removeDirectory: {
    run: ({ path, below }: { path: string; below: string }) => removeDirectoryBeneath(below, path),
    undo: null,
    plan: unseen,
  },
  removeLink: {
    run: ({ path, below }: SymbolicLink) => removeBeneath(below, path),
    undo: (link: SymbolicLink) => ['makeLink', link],
    plan: unseen,
  },
  makeLink: {
    run: ({ path, to, below }: SymbolicLink) => {
      // The jail is not running: what is a directory now stays one.
      if (dirname(path) !== below) kindBeneath(below, dirname(path))
      try {
        symlinkSync(to, path)
      } catch (error) {
        // As the inverse of a removal that has not come to pass.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || linkAt(path) !== to) throw error
      }
    },
    undo: ({ path, below }: SymbolicLink) => ['removeFile', { path, below }],
    plan: unseen,
  },
  setMode: {
    run: ({ path, mode }: { path: string; mode: number }) => chmod(path, mode),
    // The directories whose mode is set are new: undoing their creation takes the mode along.
    undo: null,
    plan: unseen,
  },
})

/** What a file is called while it is written. */
function temporary(mark: string): string {
  return `.${mark}.new`
}

async function writeFile({ path, content, mode = 0o644, below }: WriteFile, mark: string): Promise<void> {
  if (below !== undefined) return writeTextBeneath(below, path, content, { mode, temporary: temporary(mark) })
  const unfinished = join(dirname(path), temporary(mark))
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const there = lstatSync(path, { throwIfNoEntry: false })
    const file = await open(unfinished, flags, mode)
    try {
      if (there?.isFile()) await file.chmod(there.mode & 0o7777)
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

async function removeFile({ path, below }: { path: string; below?: string }): Promise<void> {
  if (below !== undefined) return removeBeneath(below, path)
  await rm(path, { force: true })
}

function linkAt(path: string): string | null {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
