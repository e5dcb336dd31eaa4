import { IocError, registerErrors } from '@gaoler/core'

/**
 * A process died while it worked on this, and nobody has undone or completed its work yet. Operations do that first by themselves.
 * @remedy Run host.recover().
 */
export class RecoveryNeeded extends IocError<{ dataset: string; journal: string }> {
  static override readonly code: string = 'RECOVERY_NEEDED'
  constructor(details: { dataset: string; journal: string }, options: ErrorOptions = {}) {
    const found = `a process died while it worked on ${details.dataset} and left ${details.journal}`
    super(`${found}: run host.recover()`, details, options)
  }
}

/**
 * A journal is not what this version of Gaoler has written; nothing of it was done.
 * @remedy Look at the file; where nothing of it is of use, remove it.
 */
export class JournalDamaged extends IocError<{ path: string; line: number; reason: string }> {
  static override readonly code: string = 'JOURNAL_DAMAGED'
  constructor(details: { path: string; line: number; reason: string }, options: ErrorOptions = {}) {
    const where = `${details.path}, line ${details.line}`
    super(`${where}: ${details.reason}; nothing of it was done: look at it, or remove it`, details, options)
  }
}

registerErrors({ RecoveryNeeded, JournalDamaged })
