// What `JailFstab` calls: runs in its worker thread.
import type { Operation, OperationOptions } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { hostOf, type JailDescriptor } from '../host/sync.ts'
import { JailGenerator } from '../jail/jail-generator.ts'
import type { AddLineOptions, JailFstabGenerator } from './jail-fstab-generator.ts'
import type { FstabLineInit } from './line.ts'

const open = (jail: JailDescriptor): JailFstabGenerator =>
  new JailGenerator(jail.data, { ...jail.init, host: hostOf(jail) }).fstab

export const addLine = (
  call: SyncCall,
  jail: JailDescriptor,
  line: FstabLineInit,
  options: AddLineOptions,
): Operation<void> => open(jail).addLine(line, { ...options, ...call })

export const removeLine = (
  call: SyncCall,
  jail: JailDescriptor,
  index: number,
  options: OperationOptions,
): Operation<void> => open(jail).removeLine(index, { ...options, ...call })
