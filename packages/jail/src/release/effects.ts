import type { HostEffect } from '../plan/effect.ts'
import { type Downloaded, download, readText, removeDownload } from './download.ts'
import { type Extracted, extract } from './extract.ts'

/** What fetching a release does. */
export type ReleaseEffects = {
  readonly readUrl: HostEffect<{ url: string }, string>
  /** Returns the digest of what arrived, which the caller compares with the one that is expected; a download that fails leaves no file. */
  readonly downloadFile: HostEffect<{ url: string; path: string; sha256: string }, Downloaded>
  /** With what was left of it by who died while it arrived. */
  readonly removeDownload: HostEffect<{ path: string; mark: string }, void>
  /** Into a dataset that the same operation has made: undoing that takes along what was unpacked. */
  readonly extractArchive: HostEffect<{ archive: string; directory: string }, Extracted>
}

export const releaseEffects: ReleaseEffects = {
  readUrl: {
    run: ({ url }: { url: string }, { signal }) => readText(url, { signal }),
    undo: null,
    query: true,
  },
  downloadFile: {
    run: ({ url, path }: { url: string; path: string }, { signal, progress, mark }) =>
      download(url, path, { signal, mark, progress: (current, total) => progress(current, total, 'bytes') }),
    undo: ({ path }, mark: string) => ['removeDownload', { path, mark }],
    plan: ({ path, sha256 }, world) => {
      world.writeFile(path, '')
      return { sha256, bytes: 0 }
    },
  },
  removeDownload: {
    run: ({ path, mark }: { path: string; mark: string }) => removeDownload(path, mark),
    undo: null,
    plan: ({ path }, world) => world.writeFile(path, null),
  },
  extractArchive: {
    run: ({ archive, directory }: { archive: string; directory: string }, { signal, progress }) =>
      extract(archive, directory, { signal, progress: (current, total) => progress(current, total, 'bytes') }),
    undo: null,
    plan: () => ({ entries: 0, bytes: 0, skipped: 0 }),
  },
}
