export * from './effects.ts'
export * from './error.ts'
