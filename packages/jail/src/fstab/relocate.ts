import type { Step } from '@gaoler/core'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import { Fstab } from './fstab.ts'
import { writeFstab } from './jail-fstab-generator.ts'

/** The step that moves the paths of a jail's fstab from `formerPath` to where the jail is now. */
export function relocateFstab(s: HostScope, jail: JailBase, formerPath: string): Step<unknown> {
  return s.step('JailFstabUpdate', async (t) => {
    const path = jail.fstabFile
    t.set({ path })
    const text = jail.host.files.readText(path)
    if (text === null) return t.skip('it has no fstab')
    const fstab = Fstab.parse(text, path)
    const moved = fstab.replacePath(formerPath, jail.path)
    if (moved === fstab) return t.skip('unchanged')
    await writeFstab(t, jail, moved)
  })
}
