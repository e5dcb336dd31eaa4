import type { Kind, ParentsOf } from './kind.ts'

/** What happens to packages, on the host (`identifier` is `global`) or in a jail. */
export interface PkgEvents {
  /** Base of what is done with packages. */
  PkgEvent: Kind<'IocEvent', { packages?: readonly string[] }>
  /** Packages are fetched into the host's cache. */
  PackageFetch: Kind<'PkgEvent'>
  /** pkg itself is put into a jail. */
  BootstrapPkg: Kind<'JailEvent' | 'PkgEvent'>
  /** Packages are installed in a jail. */
  PackageInstall: Kind<'JailEvent' | 'PkgEvent'>
  /** Packages are removed from a jail. */
  PackageRemove: Kind<'JailEvent' | 'PkgEvent'>
  /** A jail's pkg is told where packages come from. */
  PackageConfiguration: Kind<'JailEvent' | 'PkgEvent'>
}

export const pkgEvents: ParentsOf<PkgEvents> = {
  PkgEvent: 'IocEvent',
  PackageFetch: 'PkgEvent',
  BootstrapPkg: ['JailEvent', 'PkgEvent'],
  PackageInstall: ['JailEvent', 'PkgEvent'],
  PackageRemove: ['JailEvent', 'PkgEvent'],
  PackageConfiguration: ['JailEvent', 'PkgEvent'],
}
