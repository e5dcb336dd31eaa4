import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { assert, suite } from '../harness.ts'
import { labStatus, runInLab } from '../lab/lab.ts'

const test = suite('zfs/suspended')
const child = join(import.meta.dirname, 'suspended-child.ts')

const { ready, reason, needs } = await labStatus()
if (!ready) test.skip('a suspended pool', reason ?? `the lab lacks ${needs.join(', ')}`)
else {
  // In a guest of its own, with a watchdog: a kernel that waits for its disk for ever takes no other test along.
  test(
    'a suspended pool refuses changes by its own error, and takes them again when its device is back',
    async () => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      const printed = Promise.all([text(stdout), text(stderr)])
      const { code } = await runInLab([process.execPath, child], { timeout: 60, stdout, stderr })
      stdout.end()
      stderr.end()
      const [out, err] = await printed
      assert.equal([code, out.split('\n').slice(0, -1)], [0, ['suspended', 'refused', 'well again']], err)
    },
    { timeout: 90_000 },
  )
}

test.run()
