import koffi from 'koffi'

// Run by lzc.test.ts: a machine on which no library can be loaded, then what openzfs-child.ts does.
Object.assign(koffi, {
  load: (name: string) => {
    throw new Error(`${name}: cannot open shared object file`)
  },
})
await import('./openzfs-child.ts')
