import { IocError, registerErrors } from '@gaoler/core'
import { JailException } from '../errors.ts'

/**
 * A jail is to be provisioned and does not say from where.
 * @remedy Set the property provision.source.
 */
export class UndefinedProvisionerSource extends JailException {
  static override readonly code: string = 'UNDEFINED_PROVISIONER_SOURCE'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} has no source to be provisioned from: set provision.source`, details, options)
  }
}

/**
 * A jail is to be provisioned and does not say how.
 * @remedy Set the property provision.method.
 */
export class UndefinedProvisionerMethod extends JailException {
  static override readonly code: string = 'UNDEFINED_PROVISIONER_METHOD'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} has no method to be provisioned by: set provision.method`, details, options)
  }
}

/**
 * There is no provisioner of that name.
 * @remedy Take one of the methods that the message names.
 */
export class InvalidProvisionerMethod extends IocError<{ method: string; known?: readonly string[] }> {
  static override readonly code: string = 'INVALID_PROVISIONER_METHOD'
  constructor(details: { method: string; known?: readonly string[] }, options: ErrorOptions = {}) {
    const known = details.known?.length ? `; there is ${details.known.join(', ')}` : ''
    super(`${JSON.stringify(details.method)} is no way to provision a jail${known}`, details, options)
  }
}

/**
 * A plugin of the provisioner ix cannot be had.
 * @remedy Check the plugin's name and that its index can be reached.
 */
export class PluginUnavailableError extends IocError<{ name: string; reason: string }> {
  static override readonly code: string = 'PLUGIN_UNAVAILABLE'
  constructor(details: { name: string; reason: string }, options: ErrorOptions = {}) {
    super(`the plugin ${details.name} cannot be had: ${details.reason}`, details, options)
  }
}

/**
 * The control repository of the provisioner puppet cannot be had.
 * @remedy Check the address and the rights to read it.
 */
export class ControlRepoUnavailableError extends IocError<{ url: string; reason: string }> {
  static override readonly code: string = 'CONTROL_REPO_UNAVAILABLE'
  constructor(details: { url: string; reason: string }, options: ErrorOptions = {}) {
    super(`the control repository ${details.url} cannot be had: ${details.reason}`, details, options)
  }
}

registerErrors({
  UndefinedProvisionerSource,
  UndefinedProvisionerMethod,
  InvalidProvisionerMethod,
  PluginUnavailableError,
  ControlRepoUnavailableError,
})
