import { addresses, type InterfaceAddress } from '../values/addresses.ts'
import { type Gateway, gateway } from '../values/gateway.ts'
import { interfaceNames, interfaces, type JailInterface } from '../values/interfaces.ts'
import { type MacPair, macPair, macPrefix } from '../values/mac.ts'
import { type Resolver, resolver } from '../values/resolver.ts'
import { bit, boolean, choice } from '../values/scalars.ts'
import { optional } from '../values/value-type.ts'
import { everywhere, type JailSwitch, nowhere, type PropertyRow, type PropertyRows } from './row.ts'

/** Addresses, interfaces, routes and names. */
export interface NetworkProperties {
  vnet: boolean
  ip4: JailSwitch
  ip6: JailSwitch
  ip4_addr: readonly InterfaceAddress[]
  ip6_addr: readonly InterfaceAddress[]
  ip4_saddrsel: boolean
  ip6_saddrsel: boolean
  interfaces: readonly JailInterface[]
  vnet_interfaces: readonly string[]
  mac_prefix: string
  defaultrouter: Gateway | null
  defaultrouter6: Gateway | null
  resolver: Resolver
}

const noVnet = nowhere('interfaces of jails are not set up yet')

function ip(family: 4 | 6): PropertyRow<JailSwitch> {
  const about = `IPv${family}: addresses of its own, all of the host's, or none`
  return {
    type: choice('new', 'inherit', 'disable'),
    default: 'new',
    about,
    parameter: `ip${family}`,
    always: true,
    honouredBy: everywhere,
  }
}

export const networkProperties: PropertyRows<NetworkProperties> = {
  vnet: {
    type: boolean,
    default: false,
    about: 'a network stack of its own; the properties of IP above it then mean nothing to the kernel',
    parameter: 'vnet',
    honouredBy: everywhere,
  },
  ip4: ip(4),
  ip6: ip(6),
  ip4_addr: {
    type: addresses(4),
    default: [],
    about: 'IPv4 addresses, each with its interface',
    parameter: 'ip4.addr',
    honouredBy: everywhere,
  },
  ip6_addr: {
    type: addresses(6),
    default: [],
    about: 'IPv6 addresses, each with its interface',
    parameter: 'ip6.addr',
    honouredBy: everywhere,
  },
  ip4_saddrsel: {
    type: bit,
    default: true,
    about: 'choose IPv4 source addresses by the route, not the first of the jail',
    parameter: 'ip4.saddrsel',
    honouredBy: everywhere,
  },
  ip6_saddrsel: {
    type: bit,
    default: true,
    about: 'choose IPv6 source addresses by the rules, not the first of the jail',
    parameter: 'ip6.saddrsel',
    honouredBy: everywhere,
  },
  interfaces: {
    type: interfaces,
    default: [],
    about:
      'interfaces with `vnet`, each with the bridge it is a member of; two colons: only its own addresses may pass',
    applied: 'JailNetworkSetup',
    honouredBy: noVnet,
  },
  vnet_interfaces: {
    type: interfaceNames,
    default: [],
    about: 'interfaces of the host that are given to the jail with `vnet`',
    applied: 'JailNetworkSetup',
    honouredBy: noVnet,
  },
  mac_prefix: {
    type: macPrefix,
    default: '02ff60',
    about: 'the first hexadecimal digits of MAC addresses that are made',
    applied: 'JailNetworkSetup',
    honouredBy: noVnet,
  },
  defaultrouter: {
    type: gateway(4),
    default: null,
    about: 'the gateway for IPv4 with `vnet`',
    applied: 'VnetSetRoutes',
    neutral: ['auto'],
    honouredBy: noVnet,
  },
  defaultrouter6: {
    type: gateway(6),
    default: null,
    about: 'the gateway for IPv6 with `vnet`',
    applied: 'VnetSetRoutes',
    neutral: ['auto'],
    honouredBy: noVnet,
  },
  resolver: {
    type: resolver,
    default: Object.freeze({ method: 'copy', file: '/etc/resolv.conf' }),
    about:
      "what the jail's /etc/resolv.conf is: a file to copy, nameservers or lines of resolver(5) separated by `;`, or none to leave it",
    applied: 'JailResolverConfig',
    honouredBy: everywhere,
  },
}

/** `<interface>_mac`, for an interface of `interfaces`. */
export const macProperty: PropertyRow<MacPair | null> = {
  type: optional(macPair),
  default: null,
  about: 'MAC addresses of the interface, of the host and of the jail; by default made from `mac_prefix` and the names',
  applied: 'JailNetworkSetup',
  honouredBy: noVnet,
}
