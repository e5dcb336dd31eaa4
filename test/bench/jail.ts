// pnpm bench jail: lists, then one life of a jail, then many starts. In the lab: pnpm lab -- pnpm bench jail.
await import('./jail-list.ts')
await import('./jail-life.ts')
await import('./jail-many.ts')

export {}
