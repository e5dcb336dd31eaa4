import type { Step } from '@gaoler/core'
import { relocateFstab } from '../fstab/relocate.ts'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from './jail-base.ts'

/** The step that moves the paths of a jail's fstab from `formerPath` to where the jail is now. */
export function updateFstab(s: HostScope, jail: JailBase, formerPath: string): Step<unknown> {
  return s.step('JailFstabUpdate', async (t) => {
    const path = jail.fstabFile
    t.set({ path })
    const previous = jail.host.files.readText(path)
    if (previous === null) return t.skip('it has no fstab')
    const content = relocateFstab(previous, formerPath, jail.path)
    if (content === previous) return t.skip('unchanged')
    await t.host.writeFile({ path, content, previous })
  })
}
