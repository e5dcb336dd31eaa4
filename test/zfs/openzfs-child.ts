import { parentPort } from 'node:worker_threads'
import { serialiseError } from '@gaoler/core'
import { openZfs } from '@gaoler/zfs'

// Run by openzfs-kernel.lab.test.ts, as another user or in a worker: makes the calls given as JSON, each a name and
// its arguments, and answers with what each gave.
const calls = JSON.parse(process.argv[2] ?? '[]') as [name: string, ...args: unknown[]][]
const zfs = openZfs() as unknown as Record<string, (...args: unknown[]) => unknown>
const answers = calls.map(([name, ...args]) => {
  try {
    return { answer: zfs[name]?.(...args) ?? null }
  } catch (error) {
    return { error: serialiseError(error) }
  }
})
if (parentPort) parentPort.postMessage(answers)
else process.stdout.write(JSON.stringify(answers))
