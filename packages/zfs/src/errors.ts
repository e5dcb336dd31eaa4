/** Every error that ZFS, real or embedded, throws on purpose. */
export * from './errors/base.ts'
export * from './errors/dataset.ts'
export * from './errors/pool.ts'
export * from './errors/snapshot.ts'
