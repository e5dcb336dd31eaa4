import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { MissingProgram } from '../../errors.ts'
import { minimalEnvironment } from '../host-command.ts'

/** The programs of the host that make and hold a jail: absolute paths. */
export interface Programs {
  readonly crun: string
  readonly reaper: string
  readonly unshare: string
  readonly cat: string
}

const hints = {
  crun: 'install the package crun (1.8.1 or newer)',
  catatonit: 'install the package catatonit',
  unshare: 'install the package util-linux',
  cat: 'install the package coreutils',
} as const

/** Where distributions put the reaper beside the search path. */
const reaperFolders = ['/usr/libexec/podman', '/usr/libexec/catatonit', '/usr/lib/podman', '/usr/lib/catatonit']

/** Finds them. Throws MissingProgram with the package that has it. */
export function findPrograms(overrides: Partial<Programs> = {}): Programs {
  const { crun, reaper, unshare, cat } = overrides
  return {
    crun: crun ?? find('crun'),
    reaper: reaper ?? find('catatonit', reaperFolders),
    unshare: unshare ?? find('unshare'),
    cat: cat ?? find('cat'),
  }
}

function find(program: keyof typeof hints, folders: readonly string[] = []): string {
  const path = (minimalEnvironment().PATH ?? '').split(':')
  const found = [...path, '/usr/sbin', '/sbin', ...folders].map((folder) => join(folder, program)).find(isExecutable)
  if (found === undefined || !found.startsWith('/')) throw new MissingProgram({ program, hint: hints[program] })
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
