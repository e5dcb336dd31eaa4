import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached, discard, findKernel, here, type KernelParts, kernelFragment, kernelName } from './cache.ts'
import type { Apt } from './packages.ts'
import type { Step } from './steps.ts'

const linuxSource = 'linux-source-6.12'

async function gccVersion(): Promise<string | undefined> {
  const { stdout, failed } = await execa('gcc', ['-dumpfullversion'], { reject: false })
  return failed ? undefined : stdout.trim()
}

/** The kernel that fits this machine, or what is needed to look it up. */
export async function builtKernel(zfs: string | undefined): Promise<string | undefined> {
  const gcc = await gccVersion()
  return zfs && gcc ? findKernel({ zfs, gcc, fragment: kernelFragment() }) : undefined
}

/** Builds User Mode Linux and OpenZFS's modules for it; what is interrupted leaves nothing that counts as done. */
export async function buildKernel(step: Step, apt: Apt, zfs: string): Promise<string> {
  const gcc = await gccVersion()
  if (!gcc) throw new Error('gcc does not run')
  const parts: KernelParts = { linuxSource: await apt.version(linuxSource), zfs, gcc, fragment: kernelFragment() }
  const target = join(cached('kernel'), kernelName(parts))
  const work = mkdtempSync(join(cached('tmp'), 'kernel-'))
  try {
    await unpack(step, apt, parts, work)
    const linux = join(work, 'linux')
    const objects = join(work, 'objects')
    await step.timed('building Linux for user mode', () => makeLinux(step, linux, objects))
    const modules = await step.timed('building OpenZFS for it', () => makeZfs(step, work, linux, objects))
    const done = join(work, 'done')
    mkdirSync(done)
    await step.run('strip', ['-o', join(done, 'linux'), join(objects, 'linux')])
    for (const name of ['spl.ko', 'zfs.ko']) copyFileSync(join(modules, name), join(done, name))
    writeFileSync(join(done, 'parts.json'), `${JSON.stringify(parts, undefined, 2)}\n`)
    rmSync(target, { recursive: true, force: true })
    renameSync(done, target)
    return target
  } finally {
    discard(work)
  }
}

async function unpack(step: Step, apt: Apt, parts: KernelParts, work: string): Promise<void> {
  await step.timed('downloading the sources', async () => {
    await apt.download(step, `${linuxSource}=${parts.linuxSource}`, work)
    await apt.download(step, `zfs-dkms=${parts.zfs}`, work)
  })
  await step.timed('unpacking the sources', async () => {
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      // Never installed: DKMS would try to build for the machine's own kernel.
      await step.run('dpkg-deb', ['--extract', join(work, file), work])
    }
    const archive = join(work, 'usr', 'src', `${linuxSource}.tar.xz`)
    mkdirSync(join(work, 'linux'))
    await step.run('tar', ['--extract', '--file', archive, '--strip-components=1', '--directory', join(work, 'linux')])
  })
}

const jobs = `-j${cpus().length}`

async function makeLinux(step: Step, linux: string, objects: string): Promise<void> {
  mkdirSync(objects)
  const merge = ['-n', '-O', objects, join(here, 'kernel.config')]
  await step.run('./scripts/kconfig/merge_config.sh', merge, { cwd: linux, env: { ARCH: 'um' } })
  await step.run('make', ['ARCH=um', `O=${objects}`, jobs, 'all'], { cwd: linux })
}

async function makeZfs(step: Step, work: string, linux: string, objects: string): Promise<string> {
  const name = readdirSync(join(work, 'usr', 'src')).find((entry) => /^zfs-/.test(entry))
  if (!name) throw new Error('zfs-dkms holds no source')
  const cwd = join(work, 'usr', 'src', name)
  // Without debug symbols: they make zfs.ko twenty times larger.
  const env = { ARCH: 'um', KCFLAGS: '-g0' }
  const flags = ['--disable-dependency-tracking', '--with-config=kernel']
  await step.run('./configure', [...flags, `--with-linux=${linux}`, `--with-linux-obj=${objects}`], { cwd, env })
  await step.run('make', [jobs, 'ARCH=um'], { cwd, env })
  return join(cwd, 'module')
}
