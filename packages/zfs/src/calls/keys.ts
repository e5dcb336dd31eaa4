import type { NvInput } from '../nvlist/types.ts'

/** `new_key`: the dataset becomes, or stays, an encryption root; `inherit`: it has its parent's. The others need no loaded key. */
export type ChangeKeyCommand = 'new_key' | 'inherit' | 'force_new_key' | 'force_inherit'

/**
 * Keys of encrypted datasets. A wrapping key has 32 bytes; `passphraseKey` and `newPassphraseKey` derive it from a
 * passphrase. All throw FilesystemNotFound, PropertyInvalid (not encrypted).
 */
export interface KeyCalls {
  /** `noop` only checks the key. Throws EncryptionKeyInvalid, EncryptionKeyAlreadyLoaded. */
  loadKey(name: string, key: Uint8Array, options?: { noop?: boolean }): void
  /** Throws EncryptionKeyNotLoaded, and DatasetBusy while it is mounted. */
  unloadKey(name: string): void
  /** `props`: keyformat, keylocation, pbkdf2iters, pbkdf2salt; native values. Throws EncryptionKeyNotLoaded. */
  changeKey(name: string, command: ChangeKeyCommand, options?: { props?: NvInput; key?: Uint8Array }): void
}
