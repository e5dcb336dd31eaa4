import { closeSync } from 'node:fs'
import { JournalDamaged, RecoveryNeeded } from './errors.ts'
import { isDead, type JournalContent, listJournals, openJournal, readJournal } from './read.ts'

/** Throws RecoveryNeeded when a process has died while it held the lock of `dataset`. Who asks holds that lock now. */
export function refuseUnrecovered(directory: string, dataset: string): void {
  for (const path of listJournals(directory)) {
    try {
      const journal = isDead(path) ? lookAt(path) : null
      if (journal?.locks.includes(dataset)) throw new RecoveryNeeded({ dataset, journal: path })
    } catch (error) {
      // It says nothing of this dataset, or nothing that could be trusted: recover() and doctor() tell of it.
      if (!(error instanceof JournalDamaged)) throw error
    }
  }
}

/** Reads a journal without claiming it; null when it is gone. Throws JournalDamaged. */
export function lookAt(path: string, knows: (effect: string) => boolean = () => true): JournalContent | null {
  const fd = openJournal(path)
  if (fd === null) return null
  try {
    return readJournal(fd, path, knows)
  } finally {
    closeSync(fd)
  }
}
