import { accessSync, constants } from 'node:fs'
import { JailCommandNotFound } from '../../errors.ts'
import { JailPathNotFound } from './errors.ts'
import { type HostPath, hostWord, type JailView, lookUp } from './paths.ts'

/** Where a jail has its programs. */
const PROGRAMS = ['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin']

/** Of the host, behind the jail's own: what a script of a jail calls by its name is seldom in a small jail. */
const HOST_PROGRAMS = ['/usr/bin', '/bin']

const SHELLS = new Set(['sh', 'ash', 'bash', 'csh', 'dash', 'ksh', 'mksh', 'tcsh', 'zsh'])

/**
 * A command of a jail as a command of the host.
 *
 * - The program is looked up inside the jail, without a slash in the jail's own directories of programs.
 * - Every other word that begins with `/` is a path inside the jail. It must be there, or the directory that it is
 *   in (a file that the program is to make).
 * - The script of a shell, its first word that is no option, must be there.
 * - The string after a shell's `-c` is not a path and is left alone, as are words that do not begin with `/`.
 *
 * Throws JailCommandNotFound for the program and the script, JailPathNotFound for other words.
 */
export function hostCommand(view: JailView, jail: string, argv: readonly string[]): { file: string; args: string[] } {
  const [command = '', ...words] = argv
  const file = programFile(view, jail, command)
  const { script, text } = shellWords(command, words)
  const args = words.map((word, index) => {
    if (!word.startsWith('/') || index === text) return word
    const found = lookUp(view, word)
    if (index === script && found.is !== 'file') throw new JailCommandNotFound({ jail, command: word })
    if (!found.parent) throw new JailPathNotFound({ jail, path: word, command })
    return hostWord(view, word, found)
  })
  return { file, args }
}

/** The environment's PATH, or the usual one, as directories of the jail; behind them the host's. */
export function hostSearchPath(view: JailView, path: string = PROGRAMS.join(':')): string {
  const own = path.split(':').flatMap((directory) => {
    const found = directory.startsWith('/') ? lookUp(view, directory) : null
    return found?.is === 'directory' ? found.path : []
  })
  return [...own, ...HOST_PROGRAMS].join(':')
}

function programFile(view: JailView, jail: string, command: string): string {
  const candidates = command.includes('/') ? [command] : PROGRAMS.map((directory) => `${directory}/${command}`)
  for (const candidate of command === '' ? [] : candidates) {
    const found = lookUp(view, candidate)
    if (isExecutable(found)) return hostWord(view, candidate, found)
  }
  throw new JailCommandNotFound({ jail, command })
}

function isExecutable({ path, is }: HostPath): boolean {
  if (is !== 'file') return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Which of a shell's words is its script, and which the text after `-c`; none where it is no shell. */
function shellWords(command: string, words: readonly string[]): { script?: number; text?: number } {
  if (!SHELLS.has(command.slice(command.lastIndexOf('/') + 1))) return {}
  let takesText = false
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string
    const isEnd = word === '-' || word === '--'
    if (!isEnd && /^[-+]/.test(word)) {
      takesText ||= /^-[^-]*c/.test(word)
      // It reads its input: what follows are arguments.
      if (/^-[^-]*s/.test(word)) return {}
      // `-o errexit`: the name of an option follows.
      if (/^[-+][^-]*[oO]$/.test(word)) index++
      continue
    }
    const first = isEnd ? index + 1 : index
    return takesText ? { text: first } : { script: first }
  }
  return {}
}
