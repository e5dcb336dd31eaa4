import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, drain, type IocError } from '@gaoler/core'
import { Host, JailGenerator, ReleaseGenerator } from '@gaoler/jail'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { assert, suite, thrown } from '../harness.ts'

// In the guest, because there /etc is an overlay that may be written: the markers are in the real places.
const test = suite('jail/host rc')
const scripts = ['/etc/rc', '/etc/rc.shutdown']
const marker = join(tmpdir(), 'host-rc-was-run')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-rc-'))
let host: Host
let release: string

test.before(async () => {
  for (const script of scripts) writeFileSync(script, `touch ${marker}\n`)
  const small = await makeSmallRelease(join(directory, 'mirror'))
  release = small.name
  host = Host.open({ platform: 'embedded', directory: join(directory, 'host') })
  await drain(new ReleaseGenerator(release, { host }).fetch({ mirror: small.mirror }))
})
test.after(() => {
  for (const path of [...scripts, directory, marker]) rmSync(path, { recursive: true, force: true })
})

const withJail = async (properties: object, body: (jail: JailGenerator) => Promise<unknown>): Promise<void> => {
  const jail = new JailGenerator('rc', { host })
  await drain(jail.create(release, { properties: { ...properties } }))
  await body(jail)
  await drain(jail.destroy({ forceStop: true }))
  assert.not.ok(existsSync(marker), "the host's own rc was run")
}

test("by default the jail's rc scripts are run, and the host's never", () =>
  withJail({}, async (jail) => {
    const started = await collect(jail.start())
    assert.ok(started.some((event) => event.is('JailHookStart') && event.state === 'done'))
    await drain(jail.stop())
  }))

test("where the release has no rc scripts, the hooks are skipped, and the host's are not run instead", () =>
  withJail({}, async (jail) => {
    for (const script of scripts) rmSync(jail.rootPath + script)
    const events = [...(await collect(jail.start())), ...(await collect(jail.stop()))]
    const states = events
      .filter((event) => event.is('JailHookStart') || event.is('JailHookStop'))
      .map(({ state }) => state)
    assert.equal(states, ['pending', 'skipped', 'pending', 'skipped'])
  }))

test('named in the configuration and missing in the jail they are a typed error', () =>
  withJail({ exec_start: '/bin/sh /etc/rc' }, async (jail) => {
    rmSync(`${jail.rootPath}/etc/rc`)
    const error = (await thrown(() => drain(jail.start()))) as IocError
    assert.ok(error.code.startsWith('JAIL_'), error.code)
    assert.match(error.message, '/etc/rc')
    assert.ok(jail.stopped)
  }))

test.run()
