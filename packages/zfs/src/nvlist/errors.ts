import { IocError, registerErrors } from '@gaoler/core'

/**
 * A value cannot be put into an nvlist. `path` is where it is: `props.quota`.
 * @remedy Change the value at `path` as the reason says.
 */
export class NvlistInputInvalid extends IocError<{ path: string; reason: string }> {
  static override readonly code: string = 'NVLIST_INPUT_INVALID'
  constructor(details: { path: string; reason: string }, options: ErrorOptions = {}) {
    super(`cannot encode ${details.path ? `"${details.path}"` : 'the value'}: ${details.reason}`, details, options)
  }
}

/**
 * Bytes are no packed nvlist, or one of a system with the other byte order.
 * @remedy Read the bytes again from their source, on a machine of the same byte order where they are native.
 */
export class NvlistMalformed extends IocError<{ reason: string; offset?: number }> {
  static override readonly code: string = 'NVLIST_MALFORMED'
  constructor(details: { reason: string; offset?: number }, options: ErrorOptions = {}) {
    const where = details.offset === undefined ? '' : ` at byte ${details.offset}`
    super(
      `cannot decode the list: ${details.reason}${where}; the bytes are damaged or of another format`,
      details,
      options,
    )
  }
}

registerErrors({ NvlistInputInvalid, NvlistMalformed })
