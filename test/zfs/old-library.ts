import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isBookworm } from '../lab/packages.ts'
import { type Packages, unpacked, unpackedFolder } from '../lab/unpacked.ts'

/** Debian 12's own OpenZFS, as its archive has it. */
const version = '2.1.11-1+deb12u1'
const packages: Packages = {
  libnvpair3linux: [version, '674f517cf1f983b23512eaaa8873e96c1960b5cef9498899b01e28651775ffd0'],
  libzfs4linux: [version, '4e20bb93e1615a7e7c1b5c3634f4017f6247be3a4166502bb74f54d610a38ed6'],
}
const name = join('old-zfs', version)

/** Why there can be no old library here. */
export function unfitForOldLibrary(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the old library is one for Linux on x86-64'
  if (!existsSync('/etc/os-release') || !isBookworm()) return 'the old library is one of Debian 12'
  const there = existsSync(unpackedFolder(name)) || process.getuid?.() === 0
  return there ? undefined : 'only root downloads the old library'
}

/** The folder with libzfs_core and libnvpair of 2.1.11. */
export async function oldLibrary(): Promise<string> {
  return join(await unpacked(name, packages), 'lib', 'x86_64-linux-gnu')
}
