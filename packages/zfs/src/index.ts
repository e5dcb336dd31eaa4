export * from './errors.ts'
export * from './names.ts'
export * from './nvlist/index.ts'
export * from './zfs.ts'
