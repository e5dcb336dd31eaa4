import { SnapshotNotFound } from '../errors.ts'
import { checkName, isSnapshotName } from '../names.ts'
import type { SnapshotNode, Tree } from './survey.ts'

/** A filesystem, and which of its snapshots: `a`, `a%c` (from a to c), `%c`, `a%`, `%`, and several with commas. */
export interface Selection {
  readonly filesystem: string
  readonly ranges: readonly (readonly [first: string, last: string])[]
}

/** Reads `tank/a@a%c,x` as zfs-destroy(8) has it. Throws SnapshotNameInvalid. */
export function parseSelection(name: string, asked: string): Selection {
  const [filesystem = '', rest] = String(name).split('@', 2)
  const parts = (rest ?? '').split(',')
  const ranges = parts.map((part) => {
    const [first = '', last = first, ...more] = part.split('%')
    const ends = [first, last].filter((end) => end !== '')
    const valid = rest !== undefined && part !== '' && more.length === 0
    if (!valid || !ends.every((end) => isSnapshotName(`${filesystem}@${end}`)) || String(name).split('@').length > 2) {
      checkName(name, 'snapshot', asked)
      checkName('', 'snapshot', asked)
    }
    return [first, last] as const
  })
  checkName(filesystem, 'filesystem', asked)
  return { filesystem, ranges }
}

/** Snapshots next to each other, of one dataset. */
export type Run = readonly SnapshotNode[]

/** What is selected in each dataset. A name that is missing is missed in the first dataset only. Throws SnapshotNotFound. */
export function select(tree: Tree, { filesystem, ranges }: Selection, recursive: boolean, asked: string): Run[] {
  const runs: SnapshotNode[][] = []
  for (const { name, snapshots } of tree.values()) {
    if (!recursive && name !== filesystem) continue
    const at = (short: string): number => snapshots.findIndex((each) => each.name === `${name}@${short}`)
    const chosen = new Set<number>()
    for (const [first, last] of ranges) {
      const from = first === '' ? 0 : at(first)
      const to = last === '' ? snapshots.length - 1 : at(last)
      const missing = from < 0 ? first : to < 0 && last !== '' ? last : undefined
      if (missing !== undefined && name === filesystem)
        throw new SnapshotNotFound({ name: `${name}@${missing}`, asked })
      if (missing === undefined) for (let each = from; each <= to; each++) chosen.add(each)
    }
    for (const [index, snapshot] of snapshots.entries()) {
      if (!chosen.has(index)) continue
      if (chosen.has(index - 1)) runs.at(-1)?.push(snapshot)
      else runs.push([snapshot])
    }
  }
  return runs
}
