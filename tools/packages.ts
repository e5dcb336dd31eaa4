import { globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { execa } from 'execa'

export const root: string = resolve(import.meta.dirname, '..')

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly publishConfig?: Readonly<Record<string, unknown>>
}

export interface WorkspacePackage {
  readonly folder: string
  readonly manifest: Manifest
}

export interface Packed extends WorkspacePackage {
  readonly tarball: string
}

export function workspacePackages(): WorkspacePackage[] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((file) => ({
      folder: resolve(root, dirname(file)),
      manifest: JSON.parse(readFileSync(resolve(root, file), 'utf8')) as Manifest,
    }))
}

/** Packs every package that is published, as publishing would, into the folder `into`. They must have been built. */
export async function packAll(into: string): Promise<Packed[]> {
  const published = workspacePackages().filter(({ manifest }) => !manifest.private)
  return Promise.all(
    published.map(async ({ folder, manifest }) => {
      await execa('pnpm', ['pack', '--pack-destination', into], { cwd: folder })
      const tarball = resolve(into, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`)
      return { folder, manifest, tarball }
    }),
  )
}
