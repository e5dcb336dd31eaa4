import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { assert, suite } from '../harness.ts'
import { kernelName } from './cache.ts'
import { allowedCpus } from './lock.ts'
import { isBookworm } from './packages.ts'
import { TerminalInput } from './streams.ts'

const test = suite('lab, outside')

async function quoted(bytes: Buffer): Promise<Buffer> {
  return buffer(Readable.from([bytes]).pipe(new TerminalInput()))
}

/** What a terminal in canonical mode makes of its input. */
function terminal(input: Buffer): Buffer {
  const out: number[] = []
  let unfinished = 0
  let literal = false
  for (const byte of input) {
    if (literal) literal = false
    else if (byte === 0x16) {
      literal = true
      continue
    } else if (byte === 0x04) {
      if (unfinished === 0) return Buffer.from(out)
      unfinished = 0
      continue
    }
    out.push(byte)
    unfinished++
    if (unfinished > 4095) throw new Error('the terminal would have lost input')
  }
  throw new Error('the input has no end')
}

test('every byte reaches the guest', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 * 40 }, (_, index) => (index * 7) % 256))
  assert.equal(terminal(await quoted(bytes)), bytes)
})

test('an end of line is not an end of input', async () => {
  assert.equal(terminal(await quoted(Buffer.from('\n\n'))).toString(), '\n\n')
  assert.equal(terminal(await quoted(Buffer.alloc(1024, 10))).length, 1024)
})

test('an empty input only ends', async () => {
  assert.equal([...(await quoted(Buffer.alloc(0)))], [4])
})

test('the CPUs of a list', () => {
  assert.equal(allowedCpus('Cpus_allowed_list:\t0-2,5\n'), [0, 1, 2, 5])
  assert.equal(allowedCpus('Cpus_allowed_list:\t3\n'), [3])
})

test('a kernel is known by all that it was built from, in a name fit for its command line', () => {
  const parts = { linuxSource: '6.12.1-1~deb12u1', zfs: '2.3.2-2~bpo12+2', fragment: 'abc', gcc: '12.2.0' }
  const name = kernelName(parts)
  assert.match(name, /^[\w.+-]+$/)
  for (const part of Object.keys(parts)) assert.not(kernelName({ ...parts, [part]: 'x' }) === name)
})

test('only Debian 12 is taken for Debian 12', () => {
  assert.ok(isBookworm('ID=debian\nVERSION_CODENAME=bookworm\n'))
  assert.not(isBookworm('ID=debian\nVERSION_CODENAME=trixie\n'))
  assert.not(isBookworm('ID=other\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n'))
})

test.run()
