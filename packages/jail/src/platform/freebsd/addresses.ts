import { isIPv4, isIPv6 } from 'node:net'

/** An array of `struct in_addr` (4 bytes each, network order); throws RangeError for what the kernel would refuse. */
export function inAddresses(addresses: readonly string[]): Buffer {
  return joined(
    addresses.map((address) => refuse(address, isIPv4(address) && bytesOf4(address), ['0.0.0.0', '255.255.255.255'])),
  )
}

/** An array of `struct in6_addr` (16 bytes each, network order); throws RangeError as above. */
export function in6Addresses(addresses: readonly string[]): Buffer {
  // A zone names an interface: the kernel's structure has no place for it.
  const plain = (address: string): boolean => isIPv6(address) && !address.includes('%')
  return joined(addresses.map((address) => refuse(address, plain(address) && bytesOf6(address), ['::'])))
}

function bytesOf4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

/** Of an address that was found valid. */
function bytesOf6(address: string): Buffer {
  const dotted = address.slice(address.lastIndexOf(':') + 1)
  const [head = '', tail] = address.split('::')
  const low = dotted.includes('.') ? bytesOf4(dotted) : Buffer.alloc(0)
  const front = groups(head)
  const back = tail === undefined ? Buffer.alloc(0) : groups(tail)
  return Buffer.concat([front, Buffer.alloc(16 - front.length - back.length - low.length), back, low])
}

function groups(text: string): Buffer {
  const bytes = text
    .split(':')
    .filter((group) => group !== '' && !group.includes('.'))
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
  return Buffer.from(bytes)
}

function refuse(address: string, bytes: Buffer | false, special: readonly string[]): Buffer {
  if (bytes === false) throw new RangeError(`${address} is not an address without a mask or an interface`)
  const unusable = special.find((text) => (text.includes(':') ? bytesOf6(text) : bytesOf4(text)).equals(bytes))
  if (unusable !== undefined) throw new RangeError(`${address} is not an address of a jail`)
  return bytes
}

/** The kernel refuses an address given twice with EINVAL and without a word (kern_jail_set). */
function joined(addresses: readonly Buffer[]): Buffer {
  const twice = addresses.findIndex((bytes, index) => addresses.findIndex((other) => other.equals(bytes)) !== index)
  if (twice !== -1) throw new RangeError('an address is given twice')
  return Buffer.concat(addresses)
}
