import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkDigest, digestFile } from '../../packages/jail/src/release/digest.ts'
import { download, readText } from '../../packages/jail/src/release/download.ts'
import { DownloadFailed, InvalidReleaseAssetSignature } from '../../packages/jail/src/release/errors.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/release download')

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251))
const sha256 = createHash('sha256').update(content).digest('hex')
let directory = ''
let server: Server
let mirror = ''

/** What the server does for a path; it answers 404 to all others. */
const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/whole': (_, response) => response.setHeader('content-length', content.length).end(content),
  '/chunked': (_, response) => void response.write(content.subarray(0, 9), () => response.end(content.subarray(9))),
  '/truncated': (_, response) => {
    response.setHeader('content-length', content.length)
    response.write(content.subarray(0, 1000), () => response.destroy())
  },
  '/silent': (_, response) => {
    response.setHeader('content-length', content.length)
    response.write(content.subarray(0, 1000))
  },
  '/mute': () => {},
  '/slow': (_, response) => {
    response.setHeader('content-length', content.length)
    let at = 0
    const timer = setInterval(() => {
      response.write(content.subarray(at, at + 60_000))
      at += 60_000
      if (at >= content.length) response.end(() => clearInterval(timer))
    }, 20)
  },
  '/liar': (_, response) => {
    response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n${'x'.repeat(5)}`)
  },
  '/again': (_, response) => response.writeHead(302, { location: '/whole' }).end(),
  '/relative': (_, response) => response.writeHead(308, { location: 'again' }).end(),
  '/file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/round': (_, response) => response.writeHead(302, { location: '/round' }).end(),
  '/nowhere': (_, response) => response.writeHead(302, { location: 'http://' }).end(),
  '/large': (_, response) => response.end(Buffer.alloc((1 << 20) + 1, 'x')),
  '/latin1': (_, response) => response.end(Buffer.from([0x66, 0xfc, 0x72])),
}

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gaoler-download-'))
  server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    if (answer) answer(request, response)
    else response.writeHead(404).end('no')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

test.after(async () => {
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  await rm(directory, { recursive: true })
})

const target = (): string => join(directory, 'base.txz')

/** Downloads what must fail; nothing but what was there before may be left. */
async function failure(path: string, options: Parameters<typeof download>[2] = {}): Promise<DownloadFailed> {
  await writeFile(target(), 'before')
  const error = await thrown<DownloadFailed>(() => download(`${mirror}${path}`, target(), options))
  assert.equal(await readdir(directory), ['base.txz'], path)
  assert.is(await readFile(target(), 'utf8'), 'before')
  return error
}

test('a file arrives whole, with its digest, and progress that only grows', async () => {
  for (const path of ['/whole', '/slow', '/again', '/relative']) {
    const seen: [number, number?][] = []
    const progress = (current: number, total?: number): void => void seen.push([current, total])
    const found = await download(`${mirror}${path}`, target(), { progress })
    assert.equal(found, { bytes: content.length, sha256 }, path)
    assert.ok((await readFile(target())).equals(content))
    assert.equal(seen[0], [0, content.length])
    assert.equal(seen.at(-1), [content.length, content.length])
    assert.ok(seen.every(([current], index) => index === 0 || current > (seen[index - 1]?.[0] ?? 0)))
    assert.equal(await readdir(directory), ['base.txz'])
  }
})

test('without a length the total is not known', async () => {
  const totals = new Set<number | undefined>()
  const found = await download(`${mirror}/chunked`, target(), { progress: (_, total) => totals.add(total) })
  assert.is(found.sha256, sha256)
  assert.equal([...totals], [undefined])
})

test('a file URL is streamed like any other', async () => {
  const source = join(directory, 'sou rce')
  await writeFile(source, Buffer.alloc(3 << 20, 'x'))
  const seen: number[] = []
  await download(pathToFileURL(source).href, target(), { progress: (current) => seen.push(current) })
  assert.equal(seen, [0, 1 << 20, 2 << 20, 3 << 20])
  await rm(source)
  const missing = await thrown<DownloadFailed>(() => download(pathToFileURL(source).href, target()))
  assert.instance(missing, DownloadFailed)
  assert.match(missing.message, 'there is no such file')
  const folder = await thrown<DownloadFailed>(() => download(pathToFileURL(directory).href, target()))
  assert.match(folder.message, 'it is not a file')
})

test('what did not arrive whole leaves nothing', async () => {
  const cases: [string, string][] = [
    ['/truncated', 'terminated|closed|aborted|hang up'],
    ['/liar', 'does not match|terminated|closed'],
    ['/file', 'redirects to file:///etc/passwd'],
    ['/round', 'more than 5 times'],
    ['/nowhere', 'no URL'],
  ]
  for (const [path, reason] of cases) {
    const error = await failure(path)
    assert.instance(error, DownloadFailed, path)
    assert.match(error.message, new RegExp(reason), path)
    assert.is(error.details.url, `${mirror}${path}`)
  }
})

test('a refusal of the server is told with its status', async () => {
  const error = await failure('/missing')
  assert.is(error.details.status, 404)
  assert.match(error.message, 'the server answered 404')
})

test('a server that stops sending is given up, before and after its first byte', async () => {
  for (const path of ['/silent', '/mute']) {
    const error = await failure(path, { idleTimeout: 100 })
    assert.instance(error, DownloadFailed)
    assert.match(error.message, 'nothing arrived for 100 ms')
  }
})

test('a server that is only slow is not given up', async () => {
  assert.is((await download(`${mirror}/slow`, target(), { idleTimeout: 90 })).sha256, sha256)
})

test('a server that is not there is named with what the network said', async () => {
  const error = await thrown(() => download('http://127.0.0.1:1/x', target()))
  assert.instance(error, DownloadFailed)
  assert.match(error.message, /bad port|ECONNREFUSED/)
})

test('a cancelled download throws the reason and leaves nothing', async () => {
  for (const path of ['/silent', '/slow', '/mute']) {
    const controller = new AbortController()
    const reason = new Error('enough')
    if (path === '/mute') setTimeout(() => controller.abort(reason), 50)
    const progress = (current: number): void => {
      if (current > 0) controller.abort(reason)
    }
    assert.is(await failure(path, { signal: controller.signal, progress }), reason as never, path)
  }
  const gone = AbortSignal.abort(new Error('too late'))
  assert.is((await failure('/whole', { signal: gone })).message, 'too late')
})

test('text is limited in size and must be UTF-8', async () => {
  assert.is((await thrown<DownloadFailed>(() => readText(`${mirror}/large`))).message.includes('more than'), true)
  assert.is((await readText(`${mirror}/large`, { limit: 2 << 20 })).length, (1 << 20) + 1)
  assert.match((await thrown(() => readText(`${mirror}/latin1`))).message, 'not text in UTF-8')
  assert.match((await thrown(() => readText(`${mirror}/whole`, { limit: 100 }))).message, 'more than 100 bytes')
})

test('a digest over a file reports progress, and another digest is refused', async () => {
  await writeFile(target(), content)
  const seen: [number, number][] = []
  const found = await digestFile(target(), { progress: (current, total) => seen.push([current, total]) })
  assert.is(found, sha256)
  assert.equal(seen, [[content.length, content.length]])
  checkDigest({ release: 'r', asset: 'base.txz', expected: sha256, found })
  const details = { release: '14.3-RELEASE', asset: 'base.txz', expected: 'b'.repeat(64), found }
  const error = await thrown<InvalidReleaseAssetSignature>(() => checkDigest(details))
  assert.instance(error, InvalidReleaseAssetSignature)
  assert.equal(error.details, details)
  assert.match(error.message, `base.txz of 14.3-RELEASE has the SHA-256 ${sha256}`)
})

test.run()
