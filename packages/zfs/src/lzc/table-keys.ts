import type { ChangeKeyCommand } from '../calls/keys.ts'
import { E } from '../errno.ts'
import {
  EncryptionKeyAlreadyLoaded,
  EncryptionKeyInvalid,
  EncryptionKeyNotLoaded,
  FilesystemNotFound,
  PropertyInvalid,
  UnknownCryptCommand,
} from '../errors.ts'
import { checkName } from '../names.ts'
import type { ErrorContext, Verdict } from './call.ts'
import type { LzcTable } from './table.ts'

/** WRAPPING_KEY_LEN of sys/dsl_crypt.h. */
const KEY_LENGTH = 32

/** dcp_cmd_t of sys/fs/zfs.h. */
const commands: Readonly<Record<ChangeKeyCommand, number>> = {
  new_key: 2,
  inherit: 3,
  force_new_key: 4,
  force_inherit: 5,
}

/** Throws EncryptionKeyInvalid for what is no wrapping key. */
export function checkKey(key: Uint8Array, name: string, asked: string): void {
  if (key instanceof Uint8Array && key.length === KEY_LENGTH) return
  throw new EncryptionKeyInvalid({ name, asked, errno: E.EINVAL })
}

const shared = {
  EINVAL: (_: ErrorContext, name: string): Verdict => [
    PropertyInvalid,
    { name, reason: 'it is not encrypted, no encryption root, or the key does not fit its keyformat' },
  ],
  ENOENT: (_: ErrorContext, name: string): Verdict => [FilesystemNotFound, { name }],
  EACCES: (_: ErrorContext, name: string): Verdict => [EncryptionKeyNotLoaded, { name }],
} as const

/** Calls on the keys of encrypted datasets. C keeps keys out of the pool's history. */
export const keyCalls: Pick<LzcTable, 'loadKey' | 'unloadKey' | 'changeKey'> = {
  loadKey: {
    symbol: 'lzc_load_key',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'boolean', 'bytes', 'uint'],
    asked: (name, _, { noop = false } = {}) => `${noop ? 'check' : 'load'} the key of "${name}"`,
    input: (name, key, { noop = false } = {}) => {
      const asked = `${noop ? 'check' : 'load'} the key of "${name}"`
      checkName(name, 'filesystem', asked)
      checkKey(key, name, asked)
      return [name, noop, key, key.length]
    },
    output: () => undefined,
    errors: {
      ...shared,
      EACCES: (_, name) => [EncryptionKeyInvalid, { name }],
      EEXIST: (_, name) => [EncryptionKeyAlreadyLoaded, { name }],
    },
  },

  unloadKey: {
    symbol: 'lzc_unload_key',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text'],
    asked: (name) => `unload the key of "${name}"`,
    input: (name) => {
      checkName(name, 'filesystem', `unload the key of "${name}"`)
      return [name]
    },
    output: () => undefined,
    errors: shared,
  },

  changeKey: {
    symbol: 'lzc_change_key',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'u64', 'list', 'bytes', 'uint'],
    asked: (name) => `change the key of "${name}"`,
    input: (name, command, { props, key } = {}) => {
      const asked = `change the key of "${name}"`
      checkName(name, 'filesystem', asked)
      if (!Object.hasOwn(commands, command)) throw new UnknownCryptCommand({ name: String(command), asked })
      if (key !== undefined) checkKey(key, name, asked)
      return [name, commands[command], props ?? null, key ?? null, key?.length ?? 0]
    },
    output: () => undefined,
    errors: shared,
  },
}
