import { parentPort } from 'node:worker_threads'
import { serialiseError } from '@gaoler/core'
import { openZfs } from '@gaoler/zfs'

// Run as another user, in a worker or on another library: makes the calls given as JSON, each a name and its arguments,
// and answers with what each gave.
const calls = JSON.parse(process.argv[2] ?? '[]') as [name: string, ...args: unknown[]][]
const zfs = openZfs() as unknown as Record<string, (...args: unknown[]) => unknown>
const answers: unknown[] = []
for (const [name, ...args] of calls) {
  try {
    answers.push({ answer: (await zfs[name]?.(...args)) ?? null })
  } catch (error) {
    answers.push({ error: serialiseError(error) })
  }
}
if (parentPort) parentPort.postMessage(answers)
else process.stdout.write(JSON.stringify(answers, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
