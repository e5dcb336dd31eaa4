import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedZfs } from '@gaoler/zfs'
import { sourcesConformance } from '../conformance/jail-sources.ts'

sourcesConformance('jail/sources-embedded', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-pools-'))
  const zfs = embeddedZfs({ directory: join(directory, 'zfs') })
  zfs.pools.createSync('one')
  zfs.pools.createSync('two')
  return {
    options: { platform: 'embedded', directory },
    pools: ['one', 'two'],
    close: async () => rmSync(directory, { recursive: true, force: true }),
  }
})
