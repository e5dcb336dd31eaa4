import { drain } from '@gaoler/core'
import {
  ArgumentInvalid,
  BookmarkNotFound,
  FilesystemNotFound,
  parseResumeToken,
  ResumeExists,
  receiveStream,
  SnapshotMismatch,
  StreamTruncated,
  sendStream,
} from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { bytesOf, content, fill, fresh, inPool, receive, source, value, zfs } from './streams-fixture.ts'

const test = suite('zfs/streams-resume')
inPool(test)

test('a stream that was cut goes on where its token says', async () => {
  const [from, to] = [await source(2_000_000), fresh()]
  const whole = await bytesOf(`${from}@x`)
  const error = await thrown<StreamTruncated>(() => receive(to, whole.subarray(0, 1_500_000), { resumable: true }))
  assert.instance(error, StreamTruncated)
  const resumeToken = error.details.receive_resume_token as string
  assert.is(parseResumeToken(resumeToken).toName, `${from}@x`)
  const rest = await bytesOf(`${from}@x`, { resumeToken })
  assert.ok(rest.length < 1_200_000, `${rest.length}`)
  await receive(`${to}@x`, rest, { resumable: true })
  assert.is(await content(to), await content(from))
  const other = await source()
  const mismatch = await thrown(() => bytesOf(`${other}@x`, { resumeToken }))
  assert.instance(mismatch, SnapshotMismatch)
  const flipped = resumeToken.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  assert.instance(await thrown(() => bytesOf(`${from}@x`, { resumeToken: flipped })), ArgumentInvalid)
})

test('an incremental and a redacted stream go on where their tokens say, and only with what they began at', async () => {
  const [from, to] = [await source(300_000), fresh()]
  await receive(to, await bytesOf(`${from}@x`))
  await fill(from, 2_000_000, 'more')
  await zfs.snapshot([`${from}@y`])
  const increment = await bytesOf(`${from}@y`, { from: `${from}@x` })
  const cut = await interrupted(to, increment)
  assert.is(parseResumeToken(cut).fromGuid, await value(`${from}@x`, 'guid'))
  // Named in the token by its guid: what has it now is looked for, under whatever name.
  await zfs.bookmark({ [`${from}#x`]: `${from}@x` })
  await zfs.destroySnaps([`${from}@x`])
  const rest = await bytesOf(`${from}@y`, { resumeToken: cut })
  assert.ok(rest.length < increment.length - 500_000, `${rest.length} of ${increment.length}`)
  await receive(`${to}@y`, rest, { resumable: true })
  assert.is(await content(to), await content(from))
  await zfs.destroyBookmarks([`${from}#x`])
  assert.instance(await thrown(() => bytesOf(`${from}@y`, { resumeToken: cut })), BookmarkNotFound)

  const clone = fresh()
  const redacted = fresh()
  await zfs.clone(clone, `${from}@y`)
  await fill(clone)
  await zfs.snapshot([`${clone}@x`])
  await zfs.redact(`${from}@y`, 'redacted', [`${clone}@x`])
  const whole = await bytesOf(`${from}@y`, { redactionBookmark: 'redacted' })
  const resumeToken = await interrupted(redacted, whole)
  const sent = sendStream(zfs, `${from}@y`, { resumeToken, redactionBookmark: 'redacted' })
  const [{ bytes }] = await Promise.all([
    drain(sent.operation),
    drain(receiveStream(zfs, `${redacted}@y`, sent.readable, { resumable: true })),
  ])
  assert.ok(bytes < BigInt(whole.length) - 500_000n, `${bytes} of ${whole.length}`)
  assert.is(await value(`${redacted}@y`, 'guid'), await value(`${from}@y`, 'guid'))
})

/** Receives the first 1.5 MB of a stream; the token for the rest. */
async function interrupted(target: string, stream: Buffer): Promise<string> {
  const error = await thrown<StreamTruncated>(() => receive(target, stream.subarray(0, 1_500_000), { resumable: true }))
  assert.instance(error, StreamTruncated)
  return error.details.receive_resume_token as string
}

test('a dataset of which a part is there is refused with its token', async () => {
  const [from, to] = [await source(2_000_000), fresh()]
  const stream = await bytesOf(`${from}@x`)
  const token = await interrupted(to, stream)
  const again = await thrown<ResumeExists>(() => receive(to, stream))
  assert.instance(again, ResumeExists)
  assert.is(again.details.receive_resume_token, token)
  await zfs.abortReceive(to)
  assert.is(await zfs.exists(to), false)
  assert.instance(await thrown(() => zfs.abortReceive(to)), FilesystemNotFound)
  await receive(to, stream)
  // There is nothing to abort, and what is whole stays.
  zfs.abortReceiveSync(to)
  assert.is(await content(to), await content(from))
})

test('a cut package keeps what it received, and says where to go on', async () => {
  const from = await source(2_000_000)
  const to = fresh()
  const error = await thrown<StreamTruncated>(async () =>
    receive(to, (await bytesOf(`${from}@x`, { replicate: true })).subarray(0, 1_500_000), { resumable: true }),
  )
  assert.instance(error, StreamTruncated)
  const rest = await bytesOf(`${from}@x`, { resumeToken: error.details.receive_resume_token as string })
  await receive(`${to}@x`, rest, { resumable: true })
  assert.is(await content(to), await content(from))
})

test.run()
