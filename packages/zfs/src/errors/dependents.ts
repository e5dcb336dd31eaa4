import { registerErrors } from '@gaoler/core'
import { E } from '../errno.ts'
import { shown, type Text, ZFSError, type ZfsErrorInput } from './base.ts'

/** What stands against destroying a dataset or setting it back: full names, in the order of their creation. */
export interface Dependents {
  /** Clones outside of what is to go. */
  readonly clones: readonly string[]
  readonly holds: readonly { readonly snapshot: string; readonly tags: readonly string[] }[]
  /** Snapshots that would go too: later ones, or those of a dataset to be destroyed. */
  readonly snapshots: readonly string[]
  readonly bookmarks: readonly string[]
  readonly children: readonly string[]
}

const SHOWN = 5

const some = (names: readonly string[], one: string, many: string): string[] => {
  if (names.length === 0) return []
  const rest = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : ''
  return [`${names.length} ${names.length === 1 ? one : many} (${names.slice(0, SHOWN).join(', ')}${rest})`]
}

/**
 * Something needs the dataset or snapshot, or would go with it and was not asked for; nothing was touched. `details` name
 * each clone, hold, snapshot, bookmark and child.
 * @remedy Destroy or release what it names; or ask for `recursive`, for `promoteDependants`, or to destroy with `defer`.
 */
export class DatasetHasDependents extends ZFSError<ZfsErrorInput & Dependents> {
  static override readonly code: string = 'ZFS_DATASET_HAS_DEPENDENTS'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (details) => {
    const none: Dependents = { clones: [], holds: [], snapshots: [], bookmarks: [], children: [] }
    const { clones, holds, snapshots, bookmarks, children } = { ...none, ...(details as Partial<Dependents>) }
    const held = holds.map(({ snapshot, tags }) => `${snapshot}: ${tags.join(' ')}`)
    const found = [
      ...some(clones, 'clone', 'clones'),
      ...some(held, 'held snapshot', 'held snapshots'),
      ...some(snapshots, 'snapshot', 'snapshots'),
      ...some(bookmarks, 'bookmark', 'bookmarks'),
      ...some(children, 'child', 'children'),
    ]
    return (
      `${shown(details)} has ${found.join(', ') || 'dependents'}; nothing was touched: destroy or release them first, ` +
      'or ask for `recursive`, `promoteDependants` or `defer`'
    )
  }
}

registerErrors({ DatasetHasDependents })
