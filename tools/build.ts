// pnpm build: JavaScript and declarations of every package, in its `dist`.
import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { root, workspacePackages } from './packages.ts'

/** Builds the packages; only what changed, and it fails with what tsc says. */
export async function build(): Promise<void> {
  const folders = workspacePackages().map(({ folder }) => folder)
  for (const folder of folders) removeStale(folder)
  await execa('tsc', ['-b', ...folders], { cwd: root, preferLocal: true, stdout: ['inherit', 'pipe'] })
}

/** tsc leaves behind what it made of a source that is gone or renamed, and the package would contain it. */
function removeStale(folder: string): void {
  const sources = new Set(globSync('**/*.ts', { cwd: join(folder, 'src') }).map((file) => file.replace(/\.ts$/, '')))
  for (const file of globSync('**/*.{js,js.map,d.ts}', { cwd: join(folder, 'dist') })) {
    if (!sources.has(file.replace(/\.(js|js\.map|d\.ts)$/, ''))) rmSync(join(folder, 'dist', file))
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build()
