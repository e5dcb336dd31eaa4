import { randomUUID } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EffectContext } from '@gaoler/core'
import { embeddedPlatform } from '../../packages/jail/src/platform/embedded/index.ts'
import type { Command, CommandResult, Mount, Platform } from '../../packages/jail/src/platform/platform.ts'

export interface Output {
  readonly text: string
  readonly stream: string
  readonly at: number
}

/** A directory with a small root, and short names for the platform's effects on a jail that is called `web`. */
export class Fixture {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), 'gaoler-embedded-')))
  readonly root: string = join(this.directory, 'root')
  readonly state: string = join(this.directory, 'run')
  readonly platform: Platform
  readonly outputs: Output[] = []
  signal: AbortSignal = new AbortController().signal

  constructor() {
    for (const path of ['bin', 'etc', 'tmp', 'usr/bin']) mkdirSync(join(this.root, path), { recursive: true })
    this.file('bin/sh', '#!/bin/sh\nexec /bin/sh "$@"\n', 0o755)
    this.platform = embeddedPlatform({ directory: this.state })
  }

  get context(): EffectContext {
    return {
      signal: this.signal,
      mark: randomUUID(),
      progress() {},
      output: async (text, stream = 'stdout') => {
        this.outputs.push({ text, stream, at: performance.now() })
      },
    }
  }

  /** Writes a file of the jail. */
  file(path: string, content: string, mode = 0o644): void {
    writeFileSync(join(this.root, path), content, { mode })
  }

  /** A file of the jail, empty while there is none. */
  read(path: string): string {
    return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), 'utf8') : ''
  }

  async create(name = 'web', path: string = this.root): Promise<number> {
    const wanted = { name, path, hostname: name, hostuuid: this.platform.hostUuid(), mounts: [], parameters: {} }
    return (await this.platform.effects.createJail.run(wanted, this.context)).jid
  }

  async remove(name = 'web'): Promise<void> {
    await this.platform.effects.removeJail.run({ name }, this.context)
  }

  async mount(type: Mount['type'], target: string, more: Partial<Mount> = {}): Promise<void> {
    await this.platform.effects.mount.run({ name: 'web', type, target: this.root + target, ...more }, this.context)
  }

  async unmount(target: string): Promise<void> {
    await this.platform.effects.unmount.run({ name: 'web', target: this.root + target }, this.context)
  }

  async exec(argv: readonly string[], more: Partial<Command> = {}): Promise<CommandResult> {
    return await this.platform.effects.execInJail.run({ name: 'web', argv, ...more }, this.context)
  }

  /** Everything below the root, as lines that show type, mode, and content. */
  tree(): string[] {
    return tree(this.root)
  }

  /** Files of the platform's state that tell of jails; directories that stay are left out. */
  leftovers(): string[] {
    return tree(this.state).filter((line) => !/^\/(jails|state|host-uuid) /.test(line))
  }

  destroy(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export function tree(root: string, below = ''): string[] {
  // Not `recursive: true`: that goes through symbolic links.
  return readdirSync(join(root, below)).flatMap((name) => {
    const inside = `${below}/${name}`
    const path = root + inside
    const stat = lstatSync(path)
    const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path, 'utf8') : ''
    return [`${inside} ${stat.mode.toString(8)} ${content}`, ...(stat.isDirectory() ? tree(root, inside) : [])]
  })
}

/** Whether a process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
}

/** Waits until `condition` holds. */
export async function until(condition: () => unknown, limit = 10_000): Promise<void> {
  const started = performance.now()
  while (!condition()) {
    if (performance.now() - started > limit) throw new Error(`waited ${limit} ms for ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A test's body with a fixture whose jail `web` runs; afterwards it is removed, whatever happened. */
export function withJail(body: (fixture: Fixture) => unknown): () => Promise<void> {
  return withFixture(async (fixture) => {
    await fixture.create()
    await body(fixture)
  })
}

/** A test's body with a fixture in which there is no jail yet. */
export function withFixture(body: (fixture: Fixture) => unknown): () => Promise<void> {
  return async () => {
    const fixture = new Fixture()
    try {
      await body(fixture)
    } finally {
      fixture.signal = new AbortController().signal
      await fixture.remove()
      fixture.destroy()
    }
  }
}
