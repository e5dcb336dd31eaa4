import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { drain } from '@gaoler/core'
import { Host, JailGenerator, ReleaseGenerator } from '@gaoler/jail'
import { execa } from 'execa'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { assert, suite } from '../harness.ts'

const test = suite('jail/docs')
const root = resolve(import.meta.dirname, '../..')

interface Page {
  /** A jail that is there before. */
  readonly jail?: string
  readonly replace?: readonly [string, string]
  readonly prints: readonly RegExp[]
}

/** What each page must print, run from its first example to its last as one program. */
const pages: Readonly<Record<string, Page>> = {
  'README.md': { jail: 'web', prints: [/^ {2}JailAttach@web: done$/m, /^JailStart@web: done$/m] },
  'packages/jail/README.md': { prints: [/^embedded \S/m, /^true JailDestroy$/m, /full_name: 'web'/] },
  'docs/configuration.md': { prints: [/^true yes$/m, /^90$/m, /^\/tmp\/web.ucl null$/m] },
  // The release has no database.
  'docs/dependencies.md': { replace: ['pg_isready -q', 'test -d /tmp'], prints: [] },
  'docs/fstab.md': { jail: 'web', prints: [/^\/data\/www \S*\/srv\/www$/m, /^tmpfs \S*\/var\/cache$/m] },
  'docs/jail-snapshots.md': { prints: [/^before 2.*Z 2$/m, /^null$/m] },
  'docs/plan-and-recover.md': { jail: 'web', prints: [/^destroy\w* \{/m] },
  'docs/rosetta-libioc.md': { jail: 'web', prints: [/^JailStart done$/m] },
  'docs/storage.md': {
    prints: [/^embedded\/iocage\/releases\/14.3-RELEASE\/root@p0 nullfs-basejail$/m, /^false true false$/m],
  },
}

for (const [page, { jail, replace: [missing, instead] = ['', ''], prints }] of Object.entries(pages)) {
  const body = async (): Promise<void> => {
    const home = mkdtempSync(join(tmpdir(), 'gaoler-docs-'))
    try {
      const { mirror, name } = await makeSmallRelease(join(home, 'mirror'))
      const host = Host.open({ platform: 'embedded', directory: join(home, 'gaoler') })
      await drain(new ReleaseGenerator(name, { host }).fetch({ mirror }))
      if (jail) await drain(new JailGenerator(jail, { host }).create(name))
      const examples = [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
      const code = examples.map(([, text = '']) => text.replace(missing, instead)).join('\n')
      const { stdout, stderr } = await execa(process.execPath, ['--input-type=module-typescript', '-e', code], {
        cwd: import.meta.dirname,
        // Without a PATH there is no crun: what runs is embedded on a machine with ZFS too.
        env: { XDG_DATA_HOME: home },
        extendEnv: false,
      })
      assert.is(stderr, '')
      for (const line of prints) assert.match(stdout, line)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  }
  test(`${page} does what it says`, body, { timeout: 60_000 })
}

test.run()
