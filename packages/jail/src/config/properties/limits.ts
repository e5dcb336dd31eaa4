import { type Limit, limit } from '../values/limit.ts'
import { boolean } from '../values/scalars.ts'
import { optional } from '../values/value-type.ts'
import { nowhere, type PropertyRow, type PropertyRows } from './row.ts'

/** Resources of rctl(8) and what their amounts are. */
const resources = {
  cputime: 'seconds of CPU time',
  datasize: 'data size, in bytes',
  stacksize: 'stack size, in bytes',
  coredumpsize: 'core dump size, in bytes',
  memoryuse: 'resident memory, in bytes',
  memorylocked: 'locked memory, in bytes',
  maxproc: 'number of processes',
  openfiles: 'file descriptor table size',
  vmemoryuse: 'address space, in bytes',
  pseudoterminals: 'number of pseudoterminals',
  swapuse: 'swap space, in bytes',
  nthr: 'number of threads',
  msgqqueued: 'number of queued System V messages',
  msgqsize: 'System V message queue size, in bytes',
  nmsgq: 'number of System V message queues',
  nsem: 'number of System V semaphores',
  nsemop: 'number of System V semaphores changed in one call',
  nshm: 'number of System V shared memory segments',
  shmsize: 'System V shared memory, in bytes',
  wallclock: 'seconds of wall clock time',
  pcpu: 'CPU, in per cent of one processor',
  readbps: 'bytes read a second',
  writebps: 'bytes written a second',
  readiops: 'read operations a second',
  writeiops: 'write operations a second',
} as const

export type LimitName = keyof typeof resources

export interface LimitProperties extends Record<LimitName, Limit | null> {
  rlimits: boolean | null
}

const noLimits = nowhere('limits are not set yet')

export const limitProperties: PropertyRows<LimitProperties> = {
  rlimits: {
    type: optional(boolean),
    default: null,
    about: 'whether limits are set; by default where the host counts resources',
    applied: 'JailResourceLimitAction',
    neutral: ['no'],
    honouredBy: noLimits,
  },
  ...(Object.fromEntries(Object.entries(resources).map(([name, about]) => [name, row(about)])) as Record<
    LimitName,
    PropertyRow<Limit | null>
  >),
}

function row(about: string): PropertyRow<Limit | null> {
  return { type: limit, default: null, about, applied: 'JailResourceLimitAction', honouredBy: noLimits }
}
