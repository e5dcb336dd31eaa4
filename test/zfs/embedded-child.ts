import { subscribe } from 'node:diagnostics_channel'
import { flushCompileCache } from 'node:module'
import { embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import { callOf, type Task } from './embedded-fixture.ts'

/* Does calls of the embedded ZFS in a process of its own, and dies in the middle when it is told to. */

// Who dies, or becomes another user, does not keep at its end what was compiled for all that come after.
flushCompileCache()

const { directory, calls, killAt, uid, times = 1 } = JSON.parse(process.argv[2] as string) as Task
let changes = 0
subscribe('gaoler:zfs:embedded:file', () => {
  if (++changes === killAt) process.kill(process.pid, 'SIGKILL')
})
if (uid !== undefined) {
  process.setegid?.(uid)
  process.seteuid?.(uid)
}
const zfs = embeddedZfs({ directory })
const results: string[] = []
for (let turn = 0; turn < times; turn++) {
  for (const [call, ...args] of calls) {
    const now = JSON.parse(JSON.stringify(args).replaceAll('%n', String(turn))) as unknown[]
    try {
      await callOf(zfs, call)(...now)
      results.push('ok')
    } catch (error) {
      const { errors = [error] } = error as { errors?: readonly unknown[] }
      results.push((errors[0] as Error).name)
    }
  }
}
process.stdout.write(JSON.stringify({ results, changes }))
