// pnpm bench core: both halves, one after the other.
await import('./operations.ts')
await import('./bridges.ts')

export {}
