/** Words that a shell would take as they are. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/**
 * The program and arguments of a command line of the configuration.
 *
 * A line of plain words that begins with an absolute path is run as it stands: a shell would do just the same,
 * and a platform can then resolve its paths inside the jail. Any other line is the shell's to read.
 */
export function commandOf(line: string): string[] {
  const words = line.trim().split(/[ \t]+/)
  if (words[0]?.startsWith('/') && words.every((word) => PLAIN.test(word))) return words
  return ['/bin/sh', '-c', line]
}
