export * from './zfs.ts'
