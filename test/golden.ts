import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IocEvent } from '@gaoler/core'
import { assert } from './harness.ts'

/** The events of an operation as a golden file has them: nested, kind and state, without progress. */
export function trace(events: readonly IocEvent[]): string {
  const lines = events
    .filter((event) => event.state !== 'progress')
    .map((event) => `${'  '.repeat(event.depth)}${event.rollback ? 'undo ' : ''}${event.type}:${event.state}`)
  return `${lines.join('\n')}\n`
}

/** Compares with `test/golden/PLATFORM/NAME.txt`; with GAOLER_GOLDEN=write, writes it. */
export function matchesGolden(events: readonly IocEvent[], platform: string, name: string): void {
  const file = join(import.meta.dirname, 'golden', platform, `${name}.txt`)
  if (process.env.GAOLER_GOLDEN === 'write') writeFileSync(file, trace(events))
  assert.snapshot(trace(events), readFileSync(file, 'utf8'), `the trace differs from ${file}`)
}
