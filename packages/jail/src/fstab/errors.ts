import { IocError, registerErrors } from '@gaoler/core'

/**
 * The file has no line of that index. A line that the system adds by itself has no place in the file.
 * @remedy Take an index of what `read()` lists. Change the property of the jail that makes the line (basejail, release), not the line.
 */
export class VirtualFstabLineHasNoRealIndex extends IocError<{ file: string; line: string }> {
  static override readonly code: string = 'VIRTUAL_FSTAB_LINE_HAS_NO_REAL_INDEX'
  constructor(details: { file: string; line: string }, options: ErrorOptions = {}) {
    super(
      `${details.file} has no line ${JSON.stringify(details.line)}: give an index of what read() lists; what the system mounts by itself has none`,
      details,
      options,
    )
  }
}

/**
 * Two lines of an fstab would mount at the same place.
 * @remedy Remove the line that is there, or choose another directory.
 */
export class FstabDestinationExists extends IocError<{ file: string; mountpoint: string }> {
  static override readonly code: string = 'FSTAB_DESTINATION_EXISTS'
  constructor(details: { file: string; mountpoint: string }, options: ErrorOptions = {}) {
    super(
      `${details.file} mounts something at ${details.mountpoint} already; remove that line, or choose another directory`,
      details,
      options,
    )
  }
}

/**
 * A line of an fstab is none, or would mean something else than it says.
 * @remedy Correct the line as the reason says; a space in a path is written as \\040.
 */
export class InvalidFstabLine extends IocError<{ file?: string; line: string; reason: string }> {
  static override readonly code: string = 'INVALID_FSTAB_LINE'
  constructor(details: { file?: string; line: string; reason: string }, options: ErrorOptions = {}) {
    const where = details.file === undefined ? '' : ` of ${details.file}`
    super(`the line ${JSON.stringify(details.line)}${where} cannot be mounted: ${details.reason}`, details, options)
  }
}

registerErrors({ InvalidFstabLine, VirtualFstabLineHasNoRealIndex, FstabDestinationExists })
