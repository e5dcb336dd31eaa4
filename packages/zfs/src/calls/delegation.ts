/**
 * To whom, or to what, permissions are given: a user or group by name or number, every user, the one who creates a
 * dataset below (`creator`, `-c`), or a named set of permissions (`@name`) that others then have by its name.
 */
export type Delegate =
  | { readonly user: string | number }
  | { readonly group: string | number }
  | { readonly set: string }
  | 'everyone'
  | 'creator'

/** Where permissions hold: on the dataset alone, or only below it; without it, on both. */
export type DelegationScope = 'local' | 'descendent'

/** Permissions as `zfs allow` lists them. An account without a name is `{ user: 1234 }`. */
export interface Grant {
  readonly to: Delegate
  /** Always `both` for sets and for `creator`, of which ZFS tells no other. */
  readonly scope: DelegationScope | 'both'
  readonly permissions: readonly string[]
}

/** What is set on one dataset. */
export interface DatasetPermissions {
  readonly name: string
  readonly grants: readonly Grant[]
}

/** Handing datasets to others: namespaces, jails, users. */
export interface DelegationCalls {
  /**
   * Linux, OpenZFS 2.2: shows a filesystem, and all below it, to a user namespace, given as the number of a process in
   * it or as the path of its file. Root only. What is inside may change it once it has `zoned=on`, which this does
   * not set. Held in the kernel's memory only. Nothing happens when that namespace has it already.
   * Throws FilesystemNotFound, DatasetTypeInvalid, NotUserNamespace, PlatformNotSupported.
   */
  zone(name: string, namespace: number | string): void
  /** Takes it away again; nothing happens when that namespace does not have it. */
  unzone(name: string, namespace: number | string): void
  /** FreeBSD: hands a filesystem to a jail by number or name; it must have `jailed=on`. Throws PlatformNotSupported. */
  jail(name: string, jail: number | string): void
  unjail(name: string, jail: number | string): void
  /**
   * Gives permissions: subcommands and properties of zfs-allow(8), or `@set`. On Linux `mount` is of no use to users,
   * and `create` and `destroy` need it all the same. Throws FilesystemNotFound, ArgumentInvalid, PermissionDenied.
   */
  allow(
    name: string,
    to: Delegate,
    permissions: readonly string[],
    options?: { readonly scope?: DelegationScope },
  ): void
  /** Takes permissions back, all of them without a list; those that were not given are no error. */
  unallow(
    name: string,
    to: Delegate,
    permissions?: readonly string[],
    options?: { readonly scope?: DelegationScope; readonly recursive?: boolean },
  ): void
  /** Permissions on a filesystem or volume, and on each dataset above it that has some; its own first. */
  permissions(name: string): DatasetPermissions[]
}
