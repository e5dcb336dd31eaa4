import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { JailNotRunning } from '@gaoler/jail'
import { execa } from 'execa'
import { assert, thrown } from '../harness.ts'
import type { JailBench } from './jail-bench.ts'

const LOGIN = `#!/bin/sh
test -t 0 && test -t 1 && echo "$* at a terminal"
read answer
echo "you said $answer"
exit 3
`

/** The console of a jail. */
export function jailConsole(bench: JailBench): void {
  bench.test(
    'the console is a login with the flags of login_flags at a terminal, and ends with its status',
    bench.with('console', { login_flags: '-f operator', exec_start: 'true', exec_stop: 'true' }, async (jail) => {
      writeFileSync(join(jail.rootPath, 'usr/bin/login'), LOGIN, { mode: 0o755 })
      assert.instance(await thrown(() => drain(jail.execConsole())), JailNotRunning)
      await drain(jail.start())
      const child = join(import.meta.dirname, '../jail/console-child.ts')
      const line = [process.execPath, child, JSON.stringify(bench.host.options), jail.name].map((word) => `'${word}'`)
      const { stdout } = await execa('script', ['-qec', line.join(' '), '/dev/null'], { input: 'friend\n' })
      assert.match(stdout, '-f operator at a terminal')
      assert.match(stdout, 'you said friend')
      assert.match(stdout, '{"stdout":null,"stderr":null,"code":3,"signal":null}')
    }),
    { timeout: 60_000 },
  )
}
