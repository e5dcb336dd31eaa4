import { DatasetBusy, DatasetTypeInvalid, PropertyInvalid } from '../errors.ts'
import { checkName } from '../names.ts'
import type { PropertyValue } from '../properties/types.ts'
import type { Dataset } from '../zfs.ts'
import { commandFailed, commonFailure, firstLine, type Request } from './failure.ts'
import { get } from './list.ts'
import type { Program } from './run.ts'

/** `zfs mount`; nothing happens when the filesystem is mounted. */
export function* mount(name: string, exists: Request['exists']): Program<void> {
  const request: Request = { name, asked: `mount "${name}"`, exists }
  checkName(name, 'filesystem', request.asked)
  const args = ['mount', name]
  const result = yield args
  if (result.exitCode === 0) return
  const state = yield* mountState(request)
  if (state.mounted === true) return
  const reason = firstLine(result.stderr)
  for (const [property, wrong] of [
    ['canmount', ['off']],
    ['mountpoint', ['none', 'legacy']],
  ] as const) {
    const value = String(state[property])
    if ((wrong as readonly string[]).includes(value)) {
      throw new PropertyInvalid({ name, property, value, reason, asked: request.asked })
    }
  }
  throw commonFailure(request, result) ?? commandFailed(request, args, result)
}

/** `zfs unmount`, which takes the filesystems mounted below along; nothing happens when it is not mounted. */
export function* unmount(name: string, force: boolean, exists: Request['exists']): Program<void> {
  const request: Request = { name, asked: `unmount "${name}"`, exists }
  checkName(name, 'filesystem', request.asked)
  const args = ['unmount', ...(force ? ['-f'] : []), name]
  const result = yield args
  if (result.exitCode === 0) return
  const state = yield* mountState(request)
  if (state.mounted === false) return
  if (state.mountpoint === 'legacy') {
    const reason = firstLine(result.stderr)
    throw new PropertyInvalid({ name, property: 'mountpoint', value: 'legacy', reason, asked: request.asked })
  }
  if (result.stderr.includes('busy')) throw new DatasetBusy({ name, asked: request.asked, stderr: result.stderr })
  throw commonFailure(request, result) ?? commandFailed(request, args, result)
}

type State = Readonly<Record<'mounted' | 'mountpoint' | 'canmount', PropertyValue | undefined>>

/** How a filesystem stands to being mounted. Throws FilesystemNotFound, and DatasetTypeInvalid for a volume. */
function* mountState({ name = '', asked, exists }: Request): Program<State> {
  const found: Dataset = yield* get(name, ['mounted', 'mountpoint', 'canmount'], exists, asked)
  if (found.type !== 'filesystem') {
    throw new DatasetTypeInvalid({ name, type: found.type, reason: `it is a ${found.type}`, asked })
  }
  const { mounted, mountpoint, canmount } = found.properties
  return { mounted: mounted?.value, mountpoint: mountpoint?.value, canmount: canmount?.value }
}
