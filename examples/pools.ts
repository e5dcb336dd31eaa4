// Pools, where there is neither ZFS nor root: the same calls make real ones with openZfs().
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedZfs, PoolExists } from '@gaoler/zfs'

const directory = mkdtempSync(join(tmpdir(), 'gaoler-pools-'))
const { pools } = embeddedZfs({ directory })

await pools.create('tank', { properties: { comment: 'of the web team' }, fsProperties: { compression: 'zstd' } })
await pools.set('tank', { autotrim: true })
for (const { name, state, properties } of await pools.list({ properties: ['comment', 'autotrim', 'free'] })) {
  console.log(name, state, properties.comment?.value, properties.autotrim?.value, typeof properties.free?.value)
}

const { vdevs, errors } = await pools.status('tank')
console.log('devices:', vdevs.data.map(({ type, state }) => `${type} ${state}`).join(), 'errors:', errors)

try {
  pools.createSync('tank')
} catch (error) {
  if (error instanceof PoolExists) console.log(error.code, error.details.name)
}
console.log('can scrub:', pools.isSupported('scrub'))

await pools.destroy('tank')
rmSync(directory, { recursive: true })
