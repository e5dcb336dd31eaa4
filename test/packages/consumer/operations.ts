import { operation } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'

export const greet = (call: SyncCall, name: string) => operation('JailStart', () => `hello ${name}`, call)
