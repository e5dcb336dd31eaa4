import { parentPort } from 'node:worker_threads'
import { serialiseError } from '@gaoler/core'
import { openZfs } from '@gaoler/zfs'

// Run as another user, in a worker or on another library: makes the calls given as JSON, each a name (`create`, `pools.create`) and its
// arguments, and answers with what each gave.
const calls = JSON.parse(process.argv[2] ?? '[]') as [name: string, ...args: unknown[]][]
type Calls = Record<string, (...args: unknown[]) => unknown>
const zfs = openZfs() as unknown as Calls & { pools: Calls }
const answers: unknown[] = []
for (const [name, ...args] of calls) {
  try {
    answers.push({
      answer: (await (name.startsWith('pools.') ? zfs.pools[name.slice(6)] : zfs[name])?.(...args)) ?? null,
    })
  } catch (error) {
    answers.push({ error: serialiseError(error) })
  }
}
if (parentPort) parentPort.postMessage(answers)
else process.stdout.write(JSON.stringify(answers, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
