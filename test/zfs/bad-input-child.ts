import { closeSync, openSync } from 'node:fs'
import { openZfs, ZFSError, ZFSInitializationFailed } from '@gaoler/zfs'
import { badDescriptors, FD, goodCalls, oddLists, PROPS, replaced } from './bad-input-calls.ts'
import { pipe } from './pipe.ts'

// Makes every call with everything bad, in both forms, in a process of its own: what C would end it for ends it here.
// argv: a pool's name, and `real` where that pool is there. Prints what was not as it should be, and how much was done.
const [pool = 'tank', real] = process.argv.slice(2)
const zfs = openZfs() as unknown as Record<string, (...args: unknown[]) => unknown>
const problems: string[] = []
let done = 0

type Verdict = 'refused before ZFS is asked' | 'refused' | 'typed'

async function make(call: string, args: unknown[], expected: Verdict, what: string): Promise<void> {
  // Below the checks both forms are one: for real, each call takes the one or the other.
  const faces = [call, `${call}Sync`]
  for (const face of real === 'real' ? faces.slice(done % 2, (done % 2) + 1) : faces) {
    const found = await outcome(() => zfs[face]?.(...args))
    done++
    const fine =
      found === 'no error'
        ? expected === 'typed' || call === 'exists'
        : found instanceof ZFSError &&
          (expected !== 'refused before ZFS is asked' || !(found instanceof ZFSInitializationFailed))
    if (!fine) problems.push(`${face} with ${what}: ${found}`)
  }
}

async function outcome(body: () => unknown): Promise<unknown> {
  try {
    await body()
    return 'no error'
  } catch (error) {
    return error
  }
}

const isName = (value: unknown): boolean => typeof value === 'string' && (value === pool || /[/@#]/.test(value))
const long = (name: string): string => name + 'x'.repeat(Math.max(0, 256 - name.length))
const badNames = [
  '', '-r', `-${pool}`, `${pool}/..`, '..', `${pool}/../b@x`, `${pool}@a@b`, `${pool}#a#b`, `${pool}/a@x#b`, `${pool}\0`, `${pool}/a\0@x`,
  `${pool}//a`, `/${pool}`, `${pool}/`, '@x', `${pool}@`, `${pool}/ä@x`, `${pool}\n`, long(`${pool}/a`), long(`${pool}/a@`), long(`${pool}#`), long(pool),
  7, {}, ['x'],
] // biome-ignore format: a table
const twoPools = [
  'clone',
  'snapshot',
  'destroySnaps',
  'rename',
  'hold',
  'release',
  'bookmark',
  'destroyBookmarks',
  'rollbackTo',
  'snaprangeSpace',
  'redact',
  'send',
]

for (const [call, args] of Object.entries(goodCalls(pool)) as [string, unknown[]][]) {
  // They never come as far as C: once is enough.
  for (const bad of real === 'real' ? [] : badNames) {
    const what = `${JSON.stringify(bad).slice(0, 40)} for a name`
    for (const wrong of replaced(args, isName, bad))
      await make(call, wrong as unknown[], 'refused before ZFS is asked', what)
  }
  if (twoPools.includes(call)) {
    const others = [`other/a`, 'other/a@x', 'other/a#b']
    for (const other of others) {
      const first = [...replaced(args, isName, other)].at(-1)
      await make(call, first as unknown[], 'refused before ZFS is asked', `${other} beside ${pool}`)
    }
  }
  for (const bad of badDescriptors) {
    for (const wrong of replaced(args, (value) => value === FD, bad)) {
      await make(call, wrong as unknown[], 'refused', `${String(bad)} for a descriptor`)
    }
  }
  for (const [index, odd] of oddLists.entries()) {
    for (const wrong of replaced(args, (value) => value === PROPS, odd))
      await make(call, wrong as unknown[], 'typed', `list ${index}`)
    const isList = (value: unknown): boolean => Array.isArray(value) && value !== args
    for (const wrong of replaced(args, isList, odd))
      await make(call, wrong as unknown[], 'typed', `list ${index} for an array`)
  }
  if (real === 'real') await withWrongDescriptors(call, args)
}

/** Descriptors that are closed, or open to something else. */
async function withWrongDescriptors(call: string, args: unknown[]): Promise<void> {
  const closed = openSync('/dev/null', 'r')
  closeSync(closed)
  const [directory, reading, writing] = [openSync('/', 'r'), openSync('/etc/passwd', 'r'), openSync('/dev/null', 'w')]
  const gone = pipe()
  const without = pipe()
  closeSync(gone.reader)
  closeSync(without.writer)
  const [send, receive] = [call.startsWith('send'), call.startsWith('receive')]
  // To write a stream where it vanishes is right; to read one from where nobody writes is not.
  const wrong = {
    closed,
    directory,
    reading,
    'no reader': gone.writer,
    ...(receive && { writing, 'no writer': without.reader }),
  }
  for (const [what, fd] of Object.entries(wrong)) {
    // The estimate and the progress of a send need none.
    if (!send && !receive && call !== 'hold') continue
    for (const each of replaced(args, (value) => value === FD, fd))
      await make(call, each as unknown[], 'refused', `${what} descriptor`)
  }
  for (const fd of [directory, reading, writing, gone.writer, without.reader]) closeSync(fd)
}

if (({} as { polluted?: unknown }).polluted !== undefined) problems.push('Object.prototype was changed')
process.stdout.write(JSON.stringify({ done, problems }))
