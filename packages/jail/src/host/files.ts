import { chmod, constants, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { defineEffects, type Effect } from '@gaoler/core'
import { InsecureJailPath } from '../errors.ts'

export interface WriteFile {
  /** Absolute path of the file. */
  readonly path: string
  readonly content: string
  /** What the file held before, null when there was none: the inverse writes it back. */
  readonly previous: string | null
  readonly mode?: number
  /** The directory of a jail: nothing between it and the file may be a symbolic link. */
  readonly below?: string
}

/** What jails and releases do with files of the host. */
export type FileEffects = {
  /** Atomic: readers see the old content or the new one. */
  readonly writeFile: Effect<WriteFile, void>
  /** `below`: as for `writeFile`. What a running jail has put in the way meanwhile is not followed. */
  readonly removeFile: Effect<{ path: string; below?: string }, void>
  readonly setMode: Effect<{ path: string; mode: number }, void>
}

export const fileEffects: FileEffects = defineEffects({
  writeFile: {
    run: async ({ path, content, mode = 0o644, below }: WriteFile) => {
      if (below !== undefined) await refuseLinks(below, path)
      const temporary = join(dirname(path), `.${process.pid}-${Date.now()}.new`)
      try {
        const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
        const file = await open(temporary, flags, mode)
        try {
          await file.writeFile(content)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    undo: ({ path, content, previous, below }: WriteFile) =>
      previous === null
        ? ['removeFile', { path, below }]
        : ['writeFile', { path, content: previous, previous: content, below }],
  },
  removeFile: {
    run: async ({ path, below }: { path: string; below?: string }) => {
      if (below !== undefined) await refuseLinks(below, path)
      await rm(path, { force: true })
    },
    undo: null,
  },
  setMode: {
    run: ({ path, mode }: { path: string; mode: number }) => chmod(path, mode),
    // The directories whose mode is set are new: undoing their creation takes the mode along.
    undo: null,
  },
})

/**
 * Throws InsecureJailPath when a component between `root` and `path` is a link or no directory, or when `path` is a link.
 * The jail is stopped while this is asked, so that nothing in it can change the answer.
 */
export async function refuseLinks(root: string, path: string): Promise<void> {
  const parts = relative(root, path).split(sep)
  let at = root
  for (const [index, part] of parts.entries()) {
    at = join(at, part)
    const found = await lstat(at).catch(() => null)
    const last = index === parts.length - 1
    if (part === '..' || found?.isSymbolicLink() || (!last && !found?.isDirectory())) {
      throw new InsecureJailPath({ path, reason: `${at} is a symbolic link, or no directory` })
    }
  }
}
