import { drain, OperationCancelled } from '@gaoler/core'
import {
  ArgumentInvalid,
  BookmarkNotFound,
  FilesystemNotFound,
  parseResumeToken,
  ResumeExists,
  ResumeRedactionUnknown,
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

test('an incremental stream goes on where its token says, and only with what it began at', async () => {
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
})

test('the rest of what may have been redacted is sent only as its sender says', async () => {
  const [from, to, clone] = [fresh(), fresh(), fresh()]
  await zfs.create(from)
  await fill(from, 2_000_000, 'first')
  await fill(from, 600_000)
  await zfs.snapshot([`${from}@x`])
  await zfs.clone(clone, `${from}@x`)
  await fill(clone, 600_000)
  await zfs.snapshot([`${clone}@x`])
  await zfs.redact(`${from}@x`, 'redacted', [`${clone}@x`])
  // What is not of this snapshot, or redacts nothing, is no reason to ask.
  const other = await source(2_000_000)
  await zfs.bookmark({ [`${other}#plain`]: `${other}@x`, [`${from}#plain`]: `${from}@x` })
  const plain = await interrupted(fresh(), await bytesOf(`${other}@x`))
  assert.ok((await bytesOf(`${other}@x`, { resumeToken: plain })).length > 0)

  const resumeToken = await interrupted(to, await bytesOf(`${from}@x`, { redactionBookmark: 'redacted' }))
  const refused = await thrown<ResumeRedactionUnknown>(() => bytesOf(`${from}@x`, { resumeToken }))
  assert.instance(refused, ResumeRedactionUnknown)
  assert.equal(refused.details.bookmarks, ['redacted'])
  assert.match(refused.message, /redacted\).*null/)
  const whole = await bytesOf(`${from}@x`, { resumeToken, redactionBookmark: null })
  const sent = sendStream(zfs, `${from}@x`, { resumeToken, redactionBookmark: 'redacted' })
  const [{ bytes }] = await Promise.all([
    drain(sent.operation),
    drain(receiveStream(zfs, `${to}@x`, sent.readable, { resumable: true })),
  ])
  assert.ok(bytes < whole.length - 500_000, `${bytes} of ${whole.length}`)
  assert.is(await value(`${to}@x`, 'guid'), await value(`${from}@x`, 'guid'))
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
  const whole = await thrown<ResumeExists>(async () => receive(to, await bytesOf(`${from}@x`, { replicate: true })))
  assert.instance(whole, ResumeExists)
  assert.is(whole.details.receive_resume_token, token)
  await zfs.abortReceive(to)
  assert.is(await zfs.exists(to), false)
  assert.instance(await thrown(() => zfs.abortReceive(to)), FilesystemNotFound)
  await receive(to, stream)
  // There is nothing to abort, and what is whole stays.
  zfs.abortReceiveSync(to)
  assert.is(await content(to), await content(from))
})

test('who cancels a receive that can be resumed is told where to go on', async () => {
  const [from, to] = [await source(2_000_000), fresh()]
  const stream = await bytesOf(`${from}@x`)
  const controller = new AbortController()
  async function* arriving(): AsyncGenerator<Buffer> {
    for (let at = 0; at < stream.length; at += 65_536) {
      if (at > 1_500_000) controller.abort()
      yield stream.subarray(at, at + 65_536)
    }
  }
  const options = { resumable: true, signal: controller.signal }
  const error = await thrown<OperationCancelled>(() => drain(receiveStream(zfs, to, arriving(), options)))
  assert.instance(error, OperationCancelled)
  assert.is(error.details.receive_resume_token, await value(to, 'receive_resume_token'))
  const rest = await bytesOf(`${from}@x`, { resumeToken: error.details.receive_resume_token as string })
  await receive(`${to}@x`, rest)
  assert.is(await content(to), await content(from))
})

test('a cut package keeps what it received, and says where to go on', async () => {
  const from = await source(2_000_000)
  const to = fresh()
  const stream = await bytesOf(`${from}@x`, { replicate: true })
  const error = await thrown<StreamTruncated>(() => receive(to, stream.subarray(0, 1_500_000), { resumable: true }))
  assert.instance(error, StreamTruncated)
  const rest = await bytesOf(`${from}@x`, { resumeToken: error.details.receive_resume_token as string })
  await receive(`${to}@x`, rest, { resumable: true })
  assert.is(await content(to), await content(from))
  // Named after what was sent, a part is found as well.
  const options = { resumable: true, naming: 'last' } as const
  const below = fresh()
  await zfs.create(below)
  const named = await thrown<StreamTruncated>(() => receive(below, stream.subarray(0, 1_500_000), options))
  const made = `${below}/${from.split('/').at(-1)}`
  assert.is(named.details.receive_resume_token, await value(made, 'receive_resume_token'))
  assert.instance(await thrown(() => receive(below, stream, options)), ResumeExists)
})

test.run()
