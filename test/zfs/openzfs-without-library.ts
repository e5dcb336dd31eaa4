import koffi from 'koffi'

// A machine on which no library can be loaded, or none whose name begins with the second argument; then what openzfs-child.ts does.
const { load } = koffi
const missing = process.argv[3] ?? 'lib'
Object.assign(koffi, {
  load: (name: string) => {
    if (name.startsWith(missing)) throw new Error(`${name}: cannot open shared object file`)
    return load(name)
  },
})
await import('./openzfs-child.ts')
