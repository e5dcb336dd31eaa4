import { symlinkSync } from 'node:fs'
import { chmod, constants, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defineEffects } from '@gaoler/core'
import { type HostEffect, unseen } from '../plan/effect.ts'
import type { World } from '../plan/world.ts'
import {
  kindBeneath,
  makeDirectoryBeneath,
  removeBeneath,
  removeDirectoryBeneath,
  writeTextBeneath,
} from './beneath.ts'

export interface WriteFile {
  /** Absolute path of the file. */
  readonly path: string
  readonly content: string
  /** What the file held before, null when there was none: the inverse writes it back. */
  readonly previous: string | null
  readonly mode?: number
  /** The root of a jail: no link between it and the file is followed, whoever puts one there meanwhile. */
  readonly below?: string
}

export interface Link {
  readonly path: string
  readonly to: string
  readonly below: string
}

/** What jails and releases do with files of the host. */
export type FileEffects = {
  /** Atomic: readers see the old content or the new one. */
  readonly writeFile: HostEffect<WriteFile, void>
  /** `below`: as for `writeFile`. */
  readonly removeFile: HostEffect<{ path: string; below?: string }, void>
  /** One directory in a jail's root; its parent must be there. */
  readonly makeDirectory: HostEffect<{ path: string; below: string }, void>
  /** Only an empty one: what the jail has put into it meanwhile stays. */
  readonly removeDirectory: HostEffect<{ path: string; below: string }, void>
  /** A symbolic link in a jail's root; `to` is what it has said, for the inverse. */
  readonly removeLink: HostEffect<Link, void>
  readonly makeLink: HostEffect<Link, void>
  readonly setMode: HostEffect<{ path: string; mode: number }, void>
}

export const fileEffects: FileEffects = defineEffects({
  writeFile: {
    run: async ({ path, content, mode = 0o644, below }: WriteFile) => {
      if (below !== undefined) return writeTextBeneath(below, path, content, mode)
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
    undo: ({ path, content, previous, mode, below }: WriteFile) =>
      previous === null
        ? ['removeFile', { path, below }]
        : ['writeFile', { path, content: previous, previous: content, mode, below }],
    plan: ({ path, content }: WriteFile, world: World) => world.writeFile(path, content),
    secrets: ['content', 'previous'],
  },
  removeFile: {
    run: async ({ path, below }: { path: string; below?: string }) => {
      if (below !== undefined) return removeBeneath(below, path)
      await rm(path, { force: true })
    },
    undo: null,
    plan: ({ path }: { path: string }, world: World) => world.writeFile(path, null),
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
    run: ({ path, below }: Link) => removeBeneath(below, path),
    undo: (link: Link) => ['makeLink', link],
    plan: unseen,
  },
  makeLink: {
    run: ({ path, to, below }: Link) => {
      // The jail is not running: what is a directory now stays one.
      if (dirname(path) !== below) kindBeneath(below, dirname(path))
      symlinkSync(to, path)
    },
    undo: ({ path, below }: Link) => ['removeFile', { path, below }],
    plan: unseen,
  },
  setMode: {
    run: ({ path, mode }: { path: string; mode: number }) => chmod(path, mode),
    // The directories whose mode is set are new: undoing their creation takes the mode along.
    undo: null,
    plan: unseen,
  },
})
