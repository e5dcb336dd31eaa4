import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { build } from '../../tools/build.ts'
import { type Manifest, type Packed, packAll, root } from '../../tools/packages.ts'
import { assert, suite } from '../harness.ts'

const test = suite('packages/packed')
/** Each is a matter of a second or two, on a machine that does nothing else. */
const slow = { timeout: 60_000 }
const folder = mkdtempSync(join(tmpdir(), 'gaoler-packed-'))
const app = join(folder, 'app')
// The program that pnpm puts in place for `ioc` looks for `node` in PATH; here that must be the one under test.
const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
/** What is imported, in each of the ways that occur. */
const imported =
  /(?:^import\s*|^(?:import|export)\b[^;'"=(]*\bfrom\s*|\bimport\(|createRequire\(import\.meta\.url\)\()['"]([^'"]+)['"]/gm
let packed: Packed[]

test.before(async () => {
  await build()
  packed = await packAll(join(folder, 'tarballs'))
  await install()
})
test.after(() => rmSync(folder, { recursive: true, force: true }))

test('a packed manifest is what publishConfig says, and names versions instead of the workspace', () => {
  for (const { manifest } of packed) {
    const installed = manifestOf(manifest.name)
    assert.equal(installed.exports, manifest.publishConfig?.exports, manifest.name)
    assert.not.match(JSON.stringify(installed), /workspace:|catalog:|publishConfig|\.\/src\//, manifest.name)
  }
})

test('a packed package contains its licence, its README, and no source or output of anything else', () => {
  for (const { folder: source, manifest } of packed) {
    const cwd = join(app, 'node_modules', manifest.name)
    const files = globSync('**/*', { cwd, withFileTypes: true }).filter((entry) => entry.isFile())
    const outside = files.map(({ parentPath, name }) => join(parentPath, name).slice(cwd.length + 1))
    const others = outside.filter((file) => !/^(src|dist)\//.test(file)).sort()
    assert.equal(others, ['LICENSE', 'README.md', 'package.json'], manifest.name)
    const names = (file: string): string[] =>
      globSync(file, { cwd: source }).map((path) => path.replace(/^(src|dist)\//, '').replace(/\.(js|ts)$/, ''))
    assert.equal(names('dist/**/*.js').sort(), names('src/**/*.ts').sort(), manifest.name)
  }
})

test('a package depends on all that it imports, also on what is only loaded when it is needed', () => {
  for (const { manifest } of packed) {
    const cwd = join(app, 'node_modules', manifest.name)
    const { dependencies, peerDependencies } = manifestOf(manifest.name)
    const declared = [manifest.name, ...Object.keys({ ...dependencies, ...peerDependencies })]
    const undeclared = globSync('dist/**/*.{js,d.ts}', { cwd })
      .flatMap((file) => [...readFileSync(join(cwd, file), 'utf8').matchAll(imported)])
      .map(([, name = '']) => name)
      .filter((name) => !/^(\.|node:)/.test(name) && !declared.some((each) => `${name}/`.startsWith(`${each}/`)))
    assert.equal(undeclared, [], manifest.name)
  }
})

test(
  'what the packages declare is enough for strict TypeScript, declarations of libraries included',
  async () => {
    const { stdout, failed } = await execa('tsc', ['-p', app], { preferLocal: true, localDir: root, reject: false })
    assert.not(failed, stdout)
  },
  slow,
)

test(
  'every entry point that a package declares can be imported',
  async () => {
    const entries = packed.flatMap(({ manifest: { name, exports } }) =>
      Object.keys(exports)
        .filter((path) => !path.endsWith('.json'))
        .map((path) => name + path.slice(1)),
    )
    const program = entries.map((entry) => `await import('${entry}')`).join('\n')
    await execa(process.execPath, ['--input-type=module', '-e', program], { cwd: app })
  },
  slow,
)

test(
  'the packages do their work in plain Node, and the worker and its modules are found',
  async () => {
    const { mirror, name } = await makeSmallRelease(join(folder, 'mirror'))
    const argv = [join(app, 'main.ts'), join(folder, 'world'), mirror, name]
    const { stdout } = await execa(process.execPath, argv, { cwd: app })
    assert.is(stdout, 'core\nzfs\njail')
  },
  slow,
)

test(
  'ioc runs as an installed program',
  async () => {
    const { mirror, name } = await makeSmallRelease(join(folder, 'mirror'))
    const where = ['--platform', 'embedded', '--directory', join(folder, 'ioc')]
    const ioc = async (verb: string, ...argv: string[]): Promise<string> =>
      (await execa(join(app, 'node_modules/.bin/ioc'), [verb, ...where, ...argv], { env: { PATH } })).stdout
    await ioc('fetch', '--mirror', mirror, name)
    await ioc('create', '-r', name, 'web')
    assert.match(await ioc('start', 'web'), /^✔ JailStart@web/m)
    assert.is(await ioc('exec', 'web', '--', '/bin/hello', 'there'), 'Hello there')
    await ioc('destroy', '--force', 'web')
  },
  slow,
)

test.run()

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8'))
}

/** An empty folder in which somebody installs the tarballs, with a program that tsc checks and Node runs as it is. */
async function install(): Promise<void> {
  const tarballs = Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  const write = (file: string, content: unknown): void => writeFileSync(join(app, file), JSON.stringify(content))
  cpSync(join(import.meta.dirname, 'consumer'), app, { recursive: true })
  const versions = installedVersions(
    '@types/node',
    ...packed.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {})),
  )
  write('package.json', { private: true, type: 'module', dependencies: { ...tarballs, ...versions } })
  // The packages name each other by version, and that version is not published. (JSON is YAML.)
  write('pnpm-workspace.yaml', { overrides: tarballs, allowBuilds: { koffi: false } })
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8'))
  const { strict, target, lib, module, types } = compilerOptions
  const options = {
    strict,
    target,
    lib,
    module,
    types,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: false,
  }
  write('tsconfig.json', { compilerOptions: options, files: ['main.ts'] })
  // All that is needed was fetched for this workspace; what pnpm keeps of the registry may still be too little to resolve.
  const argv = ['install', '--no-frozen-lockfile']
  const { failed } = await execa('pnpm', [...argv, '--offline'], { cwd: app, reject: false })
  if (failed) await execa('pnpm', [...argv, '--prefer-offline'], { cwd: app })
}

function installedVersions(...names: string[]): Record<string, string> {
  const version = (name: string): string =>
    JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version
  return Object.fromEntries(names.map((name) => [name, version(name)]))
}
