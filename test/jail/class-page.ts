// What libioc's classes have, one row for each member: the tests compare it with what the package exports, and
// docs/parity.md and docs/rosetta-libioc.md are made from it.
import { configPages } from './class-page/config.ts'
import { hostPages } from './class-page/host.ts'
import { jailPages } from './class-page/jail.ts'
import { laterPages } from './class-page/later.ts'
import { releasePages } from './class-page/release.ts'

export { type ClassPage, isMember, ourName, type Part, parts, type Row } from './class-page/row.ts'

export const classPage = { ...jailPages, ...releasePages, ...hostPages, ...configPages, ...laterPages } as const
