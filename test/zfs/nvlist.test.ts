import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import {
  byteArray,
  decode,
  encode,
  flag,
  i32,
  NvlistInputInvalid,
  NvlistMalformed,
  toObject,
  u8,
  u8Array,
  u32,
  u64Array,
} from '../../packages/zfs/src/nvlist/index.ts'
import { assert, suite, thrown } from '../harness.ts'
import { loadLibnvpair } from './libnvpair.ts'
import { faultOf, lists } from './nvlist-lists.ts'

const test = suite('zfs/nvlist')
const formats = ['native', 'xdr'] as const
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

// Native vectors are those of a little-endian machine; the form itself is in the machine's order.
const vectors = [
  ['an empty list', {}, '00010000 00000000 01000000 00000000', '01010000 00000000 00000001 00000000 00000000'],
  [
    'a flag and a number',
    { a: flag(), n: 258n },
    `00010000 00000000 01000000
     18000000 0200 0000 00000000 01000000 6100 000000000000
     20000000 0200 0000 01000000 08000000 6e00 000000000000 0201000000000000
     00000000`,
    `01010000 00000000 00000001
     00000018 00000018 00000001 61000000 00000001 00000000
     00000020 00000020 00000001 6e000000 00000008 00000001 0000000000000102
     00000000 00000000`,
  ],
  [
    'a list in a list, texts, bytes',
    { l: { s: 'hé' }, b: byteArray([1, 2, 3]), u: u8Array([255]) },
    `00010000 00000000 01000000
     30000000 0200 0000 01000000 13000000 6c00 000000000000
     00000000 01000000 0000000000000000 00000000 00000000
     20000000 0200 0000 01000000 09000000 7300 000000000000 68c3a900 00000000
     00000000
     20000000 0200 0000 03000000 0a000000 6200 000000000000 010203 0000000000
     20000000 0200 0000 01000000 1a000000 7500 000000000000 ff 00000000000000
     00000000`,
    `01010000 00000000 00000001
     00000048 00000030 00000001 6c000000 00000013 00000001
       00000000 00000001
       00000020 00000020 00000001 73000000 00000009 00000001 00000003 68c3a900
       00000000 00000000
     0000001c 00000020 00000001 62000000 0000000a 00000003 01020300
     00000020 00000020 00000001 75000000 0000001a 00000001 00000001 ffffffff
     00000000 00000000`,
  ],
] as const

for (const [title, list, native, xdr] of vectors) {
  test(`${title} has these bytes`, () => {
    assert.is(encode(list, { format: 'xdr' }).toString('hex'), hex(xdr).toString('hex'))
    assert.ok(isDeepStrictEqual(decode(hex(xdr)), decode(encode(list))))
    if (encode({})[1] === 1) assert.is(encode(list).toString('hex'), hex(native).toString('hex'))
  })
}

const c = loadLibnvpair()
if (typeof c === 'string') test.skip('bytes are those of libnvpair', c)
// 20,000 round trips. Where their time goes is in docs/decisions/0013.
test(
  'lists of all types are encoded as libnvpair does it, which reads them, and decoded again, in both forms',
  () => {
    const holds = fc.property(lists, (list) => {
      const fault = faultOf(list, typeof c === 'string' ? undefined : c)
      if (fault !== undefined) assert.unreachable(fault)
    })
    fc.assert(holds, { numRuns: 10_000 })
  },
  { timeout: 300_000 },
)

test('JavaScript values become the types that ZFS expects', () => {
  const typed = encode({ n: i32(-5), a: u64Array([1, 2]), b: u8Array([7]), f: flag(), c: [u32(1), u32(2)] })
  const plain = encode({ n: i32(-5), a: [1, 2n], b: Buffer.from([7]), f: null, c: new Uint32Array([1, 2]) })
  assert.is(plain.toString('hex'), typed.toString('hex'))
  assert.is(encode(new Map([['a', 1]])).toString('hex'), encode({ a: 1n }).toString('hex'))
  assert.is(encode(Object.assign(Object.create(null), { a: 1 })).toString('hex'), encode({ a: 1n }).toString('hex'))
})

test('what C would cut, or end the process for, is refused with the place named', async () => {
  const deep: Record<string, unknown> = {}
  deep.l = deep
  const bad: [path: string, list: Record<string, unknown>][] = [
    ['a', { a: 'x\0y' }], ['a\0b', { 'a\0b': 1 }], ['a', { a: 'lone \ud800' }], ['a', { a: [] }], ['a', { a: [1, 'x'] }],
    ['a', { a: ['x', null] }], ['a', { a: [[1]] }], ['a', { a: -1 }], ['a', { a: -1n }], ['a', { a: 1.5 }], ['a', { a: 2 ** 53 }],
    ['a', { a: 2n ** 64n }], ['a', { a: undefined }], ['a', { a: new Date() }], ['a', { a: () => 1 }], ['a', { a: Symbol('x') }],
    ['a', { a: new Set() }], ['a.b', { a: { b: -1 } }], ['a.b', { a: [{}, { b: '\0' }] }], ['a', { a: new Uint8Array() }],
    ['a', { a: [u8(1), u32(1)] }], ['a', { a: ['x', 'y\0'] }], ['x'.repeat(40_000), { ['x'.repeat(40_000)]: 1 }],
    [Array(100).fill('l').join('.'), deep],
  ] // biome-ignore format: a table
  for (const [path, list] of bad) {
    for (const format of formats) {
      const error = await thrown<NvlistInputInvalid>(() => encode(list, { format }))
      assert.instance(error, NvlistInputInvalid, `${inspect(error)}`)
      assert.is(error.details.path, path)
    }
  }
  for (const wrong of [
    () => u8(256),
    () => u8(-1),
    () => u32(1.5),
    () => i32(2 ** 31),
    () => u64Array([]),
    () => byteArray([256]),
  ]) {
    assert.instance(await thrown(wrong), NvlistInputInvalid)
  }
})

test('an encoder that failed leaves nothing behind for the next', async () => {
  const before = encode({ a: 'x' }).toString('hex')
  for (const bad of [{ a: 'long '.repeat(100), b: -1 }, { aa: 'abcdefgh\0' }, { a: '', b: 'éé\ud800' }]) {
    await thrown(() => encode(bad))
    await thrown(() => encode(bad, { format: 'xdr' }))
  }
  assert.is(encode({ a: 'x' }).toString('hex'), before)
})

test('a list may be encoded while another is', () => {
  const inner: Buffer[] = []
  const list = { a: 'x', get b() { return inner.push(encode({ c: 'other' })) }, d: 'y' } // biome-ignore format: one thought
  assert.equal(toObject(decode(encode(list))), Object.assign(Object.create(null), { a: 'x', b: 1n, d: 'y' }))
  assert.is((inner[0] as Buffer).toString('hex'), encode({ c: 'other' }).toString('hex'))
})

test('damaged bytes give NvlistMalformed or a list, never anything else', () => {
  const any = fc.property(
    lists,
    fc.constantFrom(...formats),
    fc.nat(),
    fc.nat(),
    fc.boolean(),
    (list, format, at, to, cut) => {
      const bytes = encode(list, { format })
      if (cut) assert.instance(decodeOrError(bytes.subarray(0, at % bytes.length)), NvlistMalformed)
      else {
        bytes[at % bytes.length] = to
        decodeOrError(bytes)
      }
    },
  )
  fc.assert(any, { numRuns: 2000 })
  assert.instance(decodeOrError(new Uint8Array()), NvlistMalformed)
  assert.instance(decodeOrError(hex('00000000 00000000 01000000 00000000')), NvlistMalformed)
})

test('bytes behind the list are ignored, and texts can be read without loss', () => {
  assert.equal(decode(Buffer.concat([encode({ a: 1 }), Buffer.alloc(64, 0xff)])), new Map([['a', 1n]]))
  const bytes = encode({ a: 'é' })
  bytes[bytes.indexOf(0xc3)] = 0xff
  assert.is(decode(bytes, { text: 'latin1' }).get('a'), '\xff\xa9')
  assert.is(decode(bytes).get('a'), '\ufffd\ufffd')
})

test('toObject has no prototype, so that every name is safe', () => {
  const object = toObject(
    decode(
      encode(
        new Map<string, unknown>([
          ['__proto__', { constructor: 1 }],
          ['l', [{ a: 1 }]],
        ]),
      ),
    ),
  )
  assert.is(Object.getPrototypeOf(object), null)
  assert.equal(Object.keys(object), ['__proto__', 'l'])
  assert.equal(
    JSON.stringify(object.l, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    '[{"a":"1"}]',
  )
})

test.run()

function decodeOrError(bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (error) {
    if (!(error instanceof NvlistMalformed)) throw error
    return error
  }
}
