export { type SyncArgs, SyncBridge, type SyncResult, syncBridge } from './bridge.ts'
export type { SyncOptions } from './call.ts'
export type { SyncCall } from './job.ts'
export { WorkerDied, type WorkerDiedDetails } from './wire.ts'
