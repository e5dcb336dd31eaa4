// pnpm lint:packages: what publint and Are The Types Wrong say of the packages as they would be published.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from './build.ts'
import { packAll } from './packages.ts'

/** The packages are ES modules only; how older resolutions or `require` find them says nothing of them. */
const ignored = ['node10', 'node16-cjs']

await build()
const folder = mkdtempSync(join(tmpdir(), 'gaoler-packed-'))
let found = 0
try {
  for (const { manifest, tarball } of await packAll(folder)) {
    const data = readFileSync(tarball)
    const complaints = [...(await publintOf(manifest.name, data)), ...(await typesOf(data))]
    process.stdout.write(`${manifest.name}: ${complaints.length === 0 ? 'good' : ''}\n`)
    for (const complaint of complaints) process.stdout.write(`  ${complaint}\n`)
    found += complaints.length
  }
} finally {
  rmSync(folder, { recursive: true })
}
process.exitCode = found === 0 ? 0 : 1

async function publintOf(name: string, data: Buffer): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: bytes(data) }, strict: true })
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? `${name}: ${message.code}`}`,
  )
}

async function typesOf(data: Buffer): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(data)))
  if (!result.types) return ['types: the package has none']
  return result.problems
    .filter((problem) => !('resolutionKind' in problem && ignored.includes(problem.resolutionKind)))
    .filter((problem) => !('resolutionOption' in problem && problem.resolutionOption === 'node10'))
    .map((problem) => `types: ${JSON.stringify(problem)}`)
}

function bytes(data: Buffer): ArrayBuffer {
  return new Uint8Array(data).buffer
}
