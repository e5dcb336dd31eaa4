// What `Host` calls: runs in its worker thread. The host is opened anew: which sources it has is what changes.
import type { Operation, OperationOptions } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import type { Finding } from '../recovery/doctor.ts'
import type { RecoverOptions } from '../recovery/recover.ts'
import type { ActivateOptions, DeactivateOptions } from './activate.ts'
import { HostGenerator } from './host-generator.ts'
import type { HostOptions } from './parts.ts'

export const activate = (call: SyncCall, host: HostOptions, pool: string, options: ActivateOptions): Operation<void> =>
  HostGenerator.open(host).activate(pool, { ...options, ...call })

export const deactivate = (call: SyncCall, host: HostOptions, options: DeactivateOptions): Operation<void> =>
  HostGenerator.open(host).deactivate({ ...options, ...call })

export const recover = (call: SyncCall, host: HostOptions, options: RecoverOptions): Operation<void> =>
  HostGenerator.open(host).recover({ ...options, ...call })

/** Mends what `doctor()` has found, if it is still there. */
export const mend = (
  call: SyncCall,
  options: HostOptions,
  { kind, subject }: Pick<Finding, 'kind' | 'subject'>,
  rest: OperationOptions,
): Operation<unknown> => {
  const host = HostGenerator.open(options)
  const found = host.doctor().find((each) => each.kind === kind && each.subject === subject)
  if (found?.remedy) return found.remedy({ ...rest, ...call })
  return host.operation('HostEvent', (s) => s.skip('it is mended already'), { ...call, identifier: subject })
}
