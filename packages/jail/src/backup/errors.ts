import { IocError, registerErrors } from '@gaoler/core'

/**
 * Another export or import of the same resource runs.
 * @remedy Wait until it has ended, or cancel it.
 */
export class BackupInProgress extends IocError<{ resource: string }> {
  static override readonly code: string = 'BACKUP_IN_PROGRESS'
  constructor(details: { resource: string }, options: ErrorOptions = {}) {
    super(
      `a backup of ${details.resource} is in progress already: wait until it has ended, or cancel it`,
      details,
      options,
    )
  }
}

/**
 * The file that an export was to write is there already.
 * @remedy Choose another name, or remove the file.
 */
export class ExportDestinationExists extends IocError<{ destination: string }> {
  static override readonly code: string = 'EXPORT_DESTINATION_EXISTS'
  constructor(details: { destination: string }, options: ErrorOptions = {}) {
    super(
      `${details.destination} exists already and is not overwritten: choose another name, or remove it`,
      details,
      options,
    )
  }
}

/**
 * There is nothing to import at that path.
 * @remedy Check the path; relative ones begin at the current directory.
 */
export class BackupSourceDoesNotExist extends IocError<{ source: string }> {
  static override readonly code: string = 'BACKUP_SOURCE_DOES_NOT_EXIST'
  constructor(details: { source: string }, options: ErrorOptions = {}) {
    super(`there is no backup at ${details.source}: check the path`, details, options)
  }
}

/**
 * What was to be imported is neither an archive nor a directory that an export has written.
 * @remedy Give what an export has written, whole and under its own name.
 */
export class BackupSourceUnknownFormat extends IocError<{ source: string; reason?: string }> {
  static override readonly code: string = 'BACKUP_SOURCE_UNKNOWN_FORMAT'
  constructor(details: { source: string; reason?: string }, options: ErrorOptions = {}) {
    const reason = details.reason === undefined ? '' : ` (${details.reason})`
    super(`${details.source} is not a backup${reason}: give what an export has written`, details, options)
  }
}

registerErrors({ BackupInProgress, ExportDestinationExists, BackupSourceDoesNotExist, BackupSourceUnknownFormat })
