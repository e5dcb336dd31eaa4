import { IocError, registerErrors } from '@gaoler/core'

/**
 * A name that no network interface can have.
 * @remedy Take a letter and then letters, digits or underscores, 15 characters at most.
 */
export class InvalidInterfaceName extends IocError<{ name: string }> {
  static override readonly code: string = 'INVALID_INTERFACE_NAME'
  constructor(details: { name: string }, options: ErrorOptions = {}) {
    super(
      `${JSON.stringify(details.name)} cannot be the name of an interface: take a letter and then letters, digits or ` +
        'underscores, 15 characters at most',
      details,
      options,
    )
  }
}

/**
 * A jail with a virtual network has an interface that no bridge is named for.
 * @remedy Set the property interfaces, as in vnet0:bridge0.
 */
export class VnetBridgeMissing extends IocError<{ jail: string; interface: string }> {
  static override readonly code: string = 'VNET_BRIDGE_MISSING'
  constructor(details: { jail: string; interface: string }, options: ErrorOptions = {}) {
    super(
      `no bridge is named for ${details.interface} of jail ${details.jail}: set interfaces, as in ` +
        `${details.interface}:bridge0`,
      details,
      options,
    )
  }
}

/**
 * The bridge of an interface is not there.
 * @remedy Make the bridge, or name another one in the property interfaces.
 */
export class VnetBridgeDoesNotExist extends IocError<{ bridge: string; jail?: string }> {
  static override readonly code: string = 'VNET_BRIDGE_DOES_NOT_EXIST'
  constructor(details: { bridge: string; jail?: string }, options: ErrorOptions = {}) {
    const jail = details.jail === undefined ? '' : `, which jail ${details.jail} asks for,`
    super(`the bridge ${details.bridge}${jail} does not exist: make it, or name another one`, details, options)
  }
}

/**
 * A value that no bridge can be made from.
 * @remedy Write the name of a bridge interface; a colon before it asks for a secure one.
 */
export class InvalidNetworkBridge extends IocError<{ bridge: string; reason: string }> {
  static override readonly code: string = 'INVALID_NETWORK_BRIDGE'
  constructor(details: { bridge: string; reason: string }, options: ErrorOptions = {}) {
    super(`${JSON.stringify(details.bridge)} is no bridge: ${details.reason}`, details, options)
  }
}

/**
 * The firewall that secures a bridge is switched off.
 * @remedy Switch it on: net.link.bridge.ipfw=1, and the other settings that the message names.
 */
export class FirewallDisabled extends IocError<{ hint?: string }> {
  static override readonly code: string = 'FIREWALL_DISABLED'
  constructor(details: { hint?: string } = {}, options: ErrorOptions = {}) {
    super(`the firewall is switched off: ${details.hint ?? 'enable ipfw on this host'}`, details, options)
  }
}

/**
 * The command that changes the firewall failed.
 * @remedy See what the command said; run it by hand.
 */
export class FirewallCommandFailure extends IocError<{ command: readonly string[]; reason: string }> {
  static override readonly code: string = 'FIREWALL_COMMAND_FAILURE'
  constructor(details: { command: readonly string[]; reason: string }, options: ErrorOptions = {}) {
    super(`the firewall refused ${details.command.join(' ')}: ${details.reason}`, details, options)
  }
}

/**
 * A text that is no address of that version of IP, with or without a prefix.
 * @remedy Write it like 192.0.2.7/24 or 2001:db8::7/64; dhcp, accept_rtadv and none are words of their own.
 */
export class InvalidIPAddress extends IocError<{ address: string; version: 4 | 6; reason: string }> {
  static override readonly code: string = 'INVALID_IP_ADDRESS'
  constructor(details: { address: string; version: 4 | 6; reason: string }, options: ErrorOptions = {}) {
    const example = details.version === 6 ? '2001:db8::7/64' : '192.0.2.7/24'
    super(
      `${JSON.stringify(details.address)} is no IPv${details.version} address: ${details.reason}; write it like ${example}`,
      details,
      options,
    )
  }
}

/**
 * A text that is no hardware address.
 * @remedy Write six pairs of hexadecimal digits, as 02:ff:60:00:00:01.
 */
export class InvalidMacAddress extends IocError<{ address: string }> {
  static override readonly code: string = 'INVALID_MAC_ADDRESS'
  constructor(details: { address: string }, options: ErrorOptions = {}) {
    super(
      `${JSON.stringify(details.address)} is no hardware address: write it like 02:ff:60:00:00:01`,
      details,
      options,
    )
  }
}

registerErrors({
  InvalidInterfaceName,
  VnetBridgeMissing,
  VnetBridgeDoesNotExist,
  InvalidNetworkBridge,
  FirewallDisabled,
  FirewallCommandFailure,
  InvalidIPAddress,
  InvalidMacAddress,
})
