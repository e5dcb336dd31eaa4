import { readdirSync, readFileSync } from 'node:fs'
import koffi from 'koffi'
import { canonicalName, type PropertyRow, propertyNames, propertyRow } from '../../packages/zfs/src/properties/names.ts'
import { assert, suite } from '../harness.ts'

const test = suite('zfs/properties against libzfs')
const library = koffi.load('libzfs.so.6')
library.func('zfs_prop_init', 'void', [])()
const nameToProperty = library.func('zfs_name_to_prop', 'int', ['str'])
const kindOf = library.func('zfs_prop_get_type', 'int', ['int'])
const isReadOnly = library.func('zfs_prop_readonly', 'int', ['int'])
const isOnce = library.func('zfs_prop_setonce', 'int', ['int'])
const isInherited = library.func('zfs_prop_inheritable', 'int', ['int'])
const fits = library.func('zfs_prop_valid_for_type', 'int', ['int', 'int', 'int'])
const columnOf = library.func('zfs_prop_column_name', 'str', ['int'])
const initialText = library.func('zfs_prop_default_string', 'str', ['int'])
const initialNumber = library.func('zfs_prop_default_numeric', 'uint64', ['int'])
const wordToNumber = library.func('zfs_prop_string_to_index', 'int', ['int', 'str', '_Out_ uint64 *'])
const numberToWord = library.func('zfs_prop_index_to_string', 'int', ['int', 'uint64', '_Out_ str *'])

/** zfs_type_t. */
const types = { f: 1, s: 2, v: 4, b: 16 }
const kinds = ['number', 'string', 'index']
/** What OpenZFS 2.3, whose library this is, has in another way or not at all. */
const newer = /^(?:default(?:user|group|project)(?:obj)?quota|jailed)$/

const numberOf = (property: number, word: string): bigint | undefined => {
  const out = [0n]
  return wordToNumber(property, word, out) === 0 ? BigInt(out[0] as bigint) : undefined
}
const wordOf = (property: number, number: bigint | number): string | null => {
  const out: (string | null)[] = [null]
  return numberToWord(property, number, out) === 0 ? (out[0] as string) : null
}
const known = propertyNames().filter((name) => !newer.test(name))

/** How the library describes a property, in the table's words. */
function described(property: number): unknown {
  const [once, always] = isInherited(property) ? ['once', 'inherit'] : ['onceOwn', 'own']
  const letters = Object.entries(types).filter(([, type]) => fits(property, type, 0) !== 0)
  return {
    kind: kinds[kindOf(property) as number],
    access: isOnce(property) ? once : isReadOnly(property) ? 'read' : always,
    on: letters
      .map(([letter]) => letter)
      .sort()
      .join(''),
  }
}

test('kind, access and types of datasets are those of the library', () => {
  for (const name of known) {
    const property = nameToProperty(name) as number
    const row = propertyRow(name) as PropertyRow
    // Volumes have it from 2.4 on.
    const on = name === 'special_small_blocks' ? 'f' : [...row.on].sort().join('')
    assert.equal({ kind: row.kind, access: row.access, on }, described(property), name)
  }
})

test('words and numbers are those of the library, both ways', () => {
  for (const name of known) {
    const property = nameToProperty(name) as number
    const { words = {} } = propertyRow(name) as PropertyRow
    const printed = new Set<number>()
    for (const [word, number] of Object.entries(words)) {
      assert.is(numberOf(property, word), BigInt(number), `${name}=${word}`)
      // In 2.3 the first word for sa is "on".
      if (!printed.has(number) && name !== 'xattr') assert.is(wordOf(property, number), word, `${name} ${number}`)
      printed.add(number)
    }
    // And the table has every number of the library that is a word.
    if (propertyRow(name)?.kind !== 'index') continue
    for (let number = 0; number < 20_000; number++) {
      if (wordOf(property, number) !== null) assert.ok(Object.values(words).includes(number), `${name} ${number}`)
    }
  }
})

test('what nobody has set is what the library says', () => {
  for (const name of known) {
    const property = nameToProperty(name) as number
    const { kind, initial, words, unit } = propertyRow(name) as PropertyRow
    if (initial === undefined) continue
    if (kind === 'string') assert.is(initial, initialText(property), name)
    else if (words) assert.is(BigInt(words[initial] as number), BigInt(initialNumber(property) as bigint), name)
    else if (unit === 'limit') assert.is(BigInt(initialNumber(property) as bigint), 2n ** 64n - 1n, name)
    else assert.is(initial, String(initialNumber(property)), name)
  }
})

test('every property that the module shows is in the table, and every short name', () => {
  const folder = '/sys/module/zfs/properties.dataset'
  for (const name of readdirSync(folder)) {
    const visible = readFileSync(`${folder}/${name}/visible`, 'utf8').trim() === '1'
    if (visible) assert.ok(propertyRow(name), name)
  }
  for (const name of known) {
    const column = (columnOf(nameToProperty(name) as number) as string).toLowerCase()
    if (/^[a-z_]+$/.test(column)) assert.is(canonicalName(column), name)
  }
})

test.run()
