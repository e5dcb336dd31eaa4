import { JailUserNotFound } from '../../errors.ts'
import { readTextBeneath } from '../../host/beneath.ts'

/** A user as a process needs it: numbers as they are inside the jail. */
export interface JailUser {
  readonly uid: number
  readonly gid: number
  /** Further groups. */
  readonly groups: readonly number[]
  readonly home: string
}

export const superuser: JailUser = { uid: 0, gid: 0, groups: [], home: '/root' }

/**
 * Looks for a user in the jail's own passwd(5) and group(5): the host's users are not the jail's. `root` is a path to the
 * jail's root, such as /proc/PID/root. Throws JailUserNotFound, InsecureJailPath.
 */
export function findUser(jail: string, root: string, name: string): JailUser {
  const user = lines(root, '/etc/passwd').find(([login]) => login === name)
  const [uid, gid] = [idOf(user?.[2]), idOf(user?.[3])]
  if (!user || uid === null || gid === null) throw new JailUserNotFound({ jail, user: name })
  const groups = lines(root, '/etc/group')
    .filter(([, , , members = '']) => members.split(',').includes(name))
    .flatMap(([, , id]) => idOf(id) ?? [])
    .filter((id) => id !== gid)
  return { uid, gid, groups, home: user[5]?.startsWith('/') ? user[5] : '/' }
}

function lines(root: string, path: string): string[][] {
  const text = readTextBeneath(root, root + path) ?? ''
  return text.split('\n').map((line) => line.split(':'))
}

/** Only ids that the jail has: 0 to 65535. */
function idOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) < 65536 ? Number(text) : null
}
