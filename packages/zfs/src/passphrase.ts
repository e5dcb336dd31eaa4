import { pbkdf2, pbkdf2Sync, randomFillSync } from 'node:crypto'
import { promisify } from 'node:util'
import { ArgumentInvalid, PropertyInvalid } from './errors.ts'
import type { Dataset, Zfs } from './zfs.ts'

/** WRAPPING_KEY_LEN of sys/dsl_crypt.h. */
const KEY_LENGTH = 32
/** zfs_keyformat_t of sys/fs/zfs.h. */
const KEYFORMAT_PASSPHRASE = 3n
/** MIN_PASSPHRASE_LEN and MAX_PASSPHRASE_LEN of lib/libzfs/libzfs_crypto.c, in bytes. */
const [SHORTEST, LONGEST] = [8, 512]
/** DEFAULT_ and MIN_PBKDF2_ITERATIONS of sys/fs/zfs.h. The most is what Node derives. */
const [USUAL, FEWEST, MOST] = [350_000, 100_000, 2 ** 31 - 1]

/** A passphrase: text, or its UTF-8, which the caller can overwrite afterwards. */
export type Passphrase = string | Uint8Array

/** What `create`, `changeKey` and the receiving calls take to encrypt with a new passphrase. */
export interface NewPassphraseKey {
  readonly key: Uint8Array
  /** keyformat, keylocation, pbkdf2iters, pbkdf2salt; `create` needs `encryption` beside them. */
  readonly props: Readonly<Record<string, bigint | string>>
}

/**
 * The wrapping key of an encrypted dataset, for `loadKey`: PBKDF2-HMAC-SHA1 with the salt and the iterations of its
 * encryption root. `key.fill(0)` when done. Throws FilesystemNotFound, ArgumentInvalid, and PropertyInvalid where the
 * dataset is not encrypted or its key is no passphrase. A wrong passphrase is noticed by `loadKey`.
 */
export async function passphraseKey(zfs: Zfs, name: string, passphrase: Passphrase): Promise<Uint8Array> {
  return derive(passphrase, parameters(await zfs.get(name, wanted)))
}

/** The same, blocking. */
export function passphraseKeySync(zfs: Zfs, name: string, passphrase: Passphrase): Uint8Array {
  return deriveSync(passphrase, parameters(zfs.getSync(name, wanted)))
}

/** A key for a new passphrase, with a salt of its own, as `zfs create` makes it. Throws ArgumentInvalid. */
export async function newPassphraseKey(
  passphrase: Passphrase,
  options: { readonly iterations?: number } = {},
): Promise<NewPassphraseKey> {
  const made = newParameters(options.iterations)
  return { key: await derive(passphrase, made), props: properties(made) }
}

/** The same, blocking. */
export function newPassphraseKeySync(
  passphrase: Passphrase,
  options: { readonly iterations?: number } = {},
): NewPassphraseKey {
  const made = newParameters(options.iterations)
  return { key: deriveSync(passphrase, made), props: properties(made) }
}

interface Parameters {
  readonly salt: Buffer
  readonly iterations: number
}

// A dataset below its encryption root tells the root's.
const wanted = ['keyformat', 'pbkdf2salt', 'pbkdf2iters'] as const

function parameters({ name, properties }: Dataset<(typeof wanted)[number]>): Parameters {
  const { keyformat, pbkdf2salt, pbkdf2iters } = properties
  const asked = `derive the key of "${name}"`
  if (keyformat.value !== 'passphrase') {
    const reason = `it is ${keyformat.value ?? '-'}, and must be passphrase`
    throw new PropertyInvalid({ name, property: 'keyformat', reason, asked })
  }
  const salt = Buffer.alloc(8)
  salt.writeBigUInt64LE(pbkdf2salt.value ?? 0n)
  return { salt, iterations: iterationsOf(Number(pbkdf2iters.value)) }
}

function newParameters(iterations: number = USUAL): Parameters {
  return { salt: randomFillSync(Buffer.alloc(8)), iterations: iterationsOf(iterations) }
}

function iterationsOf(value: number): number {
  if (Number.isInteger(value) && value >= FEWEST && value <= MOST) return value
  const reason = `is ${value}, and must be an integer from ${FEWEST} to ${MOST}`
  throw new ArgumentInvalid({ argument: 'iterations', reason, asked: 'derive a key' })
}

function properties({ salt, iterations }: Parameters): NewPassphraseKey['props'] {
  const pbkdf2 = { pbkdf2iters: BigInt(iterations), pbkdf2salt: salt.readBigUInt64LE() }
  return { keyformat: KEYFORMAT_PASSPHRASE, keylocation: 'prompt', ...pbkdf2 }
}

async function derive(passphrase: Passphrase, { salt, iterations }: Parameters): Promise<Uint8Array> {
  const secret = bytesOf(passphrase)
  try {
    return await promisify(pbkdf2)(secret, salt, iterations, KEY_LENGTH, 'sha1')
  } finally {
    secret.fill(0)
  }
}

function deriveSync(passphrase: Passphrase, { salt, iterations }: Parameters): Uint8Array {
  const secret = bytesOf(passphrase)
  try {
    return pbkdf2Sync(secret, salt, iterations, KEY_LENGTH, 'sha1')
  } finally {
    secret.fill(0)
  }
}

/** A copy that can be overwritten. What is refused is not told, nor how long it was. */
function bytesOf(passphrase: Passphrase): Buffer {
  const known = typeof passphrase === 'string' ? passphrase.isWellFormed() : passphrase instanceof Uint8Array
  const secret = known ? Buffer.from(passphrase as string) : Buffer.alloc(0)
  // The command reads one line, as a text of C's.
  if (secret.length >= SHORTEST && secret.length <= LONGEST && !secret.includes(0) && !secret.includes(10))
    return secret
  secret.fill(0)
  const reason = `must have ${SHORTEST} to ${LONGEST} bytes of UTF-8, without NUL and line breaks`
  throw new ArgumentInvalid({ argument: 'the passphrase', reason, asked: 'derive a key' })
}
