import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { drain } from '@gaoler/core'
import { Host, ReleaseGenerator } from '@gaoler/jail'
import { execa } from 'execa'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { assert, suite } from '../harness.ts'

const test = suite('jail/docs')
const root = resolve(import.meta.dirname, '../..')

/** What each page must print, run from its first example to its last as one program. */
const pages: Readonly<Record<string, readonly RegExp[]>> = {
  'packages/jail/README.md': [/^embedded null$/m, /^true JailDestroy$/m, /full_name: 'web'/],
  'docs/configuration.md': [/^true yes$/m, /^90$/m, /^\/tmp\/web.ucl null$/m],
  'docs/storage.md': [/^embedded\/iocage\/releases\/14.3-RELEASE\/root@p0 nullfs-basejail$/m],
  'docs/jail-snapshots.md': [/^before 2.*Z 2$/m, /^null$/m],
}

for (const [page, expected] of Object.entries(pages)) {
  test(`${page} does what it says`, async () => {
    const home = mkdtempSync(join(tmpdir(), 'gaoler-docs-'))
    try {
      const { mirror, name } = await makeSmallRelease(join(home, 'mirror'))
      const host = Host.open({ platform: 'embedded', directory: join(home, 'gaoler') })
      await drain(new ReleaseGenerator(name, { host }).fetch({ mirror }))
      const examples = [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
      // On a machine with ZFS they would else use that.
      const code = examples
        .map(([, text = '']) => text.replaceAll('.open()', ".open({ platform: 'embedded' })"))
        .join('\n')
      const { stdout, stderr } = await execa(process.execPath, ['--input-type=module-typescript', '-e', code], {
        cwd: import.meta.dirname,
        env: { XDG_DATA_HOME: home },
      })
      assert.is(stderr, '')
      for (const line of expected) assert.match(stdout, line)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
}

test.run()
