import type { DatasetPermissions, Delegate, Grant } from '../calls/delegation.ts'
import { OutputNotUnderstood } from '../errors.ts'
import { checkName, parentOf } from '../names.ts'
import { permissionName } from './allow.ts'
import { commandFailed, commonFailure, type Request } from './failure.ts'
import type { Program } from './run.ts'

/** `zfs allow DATASET`, which prints for people only: its text is read strictly, or not at all. */
export function* permissions(name: string, exists: Request['exists']): Program<DatasetPermissions[]> {
  const request: Request = { name, asked: `read the permissions on "${name}"`, exists }
  checkName(name, 'filesystem', request.asked)
  const args = ['allow', name]
  const result = yield args
  if (result.exitCode !== 0) throw commonFailure(request, result) ?? commandFailed(request, args, result)
  return parsePermissions(result.stdout, name, request.asked)
}

type Scope = Grant['scope']
type Section = { readonly scope: Scope; readonly read: (line: string) => readonly [Delegate, string] | undefined }

/** The titles of cmd/zfs/zfs_main.c, print_fs_perms(). */
const sections: Readonly<Record<string, Section>> = {
  'Permission sets:': { scope: 'both', read: setOf },
  'Create time permissions:': { scope: 'both', read: (line) => ['creator', line] },
  'Local permissions:': { scope: 'local', read: accountOf },
  'Descendent permissions:': { scope: 'descendent', read: accountOf },
  'Local+Descendent permissions:': { scope: 'both', read: accountOf },
}

/** Exported for its test. Throws OutputNotUnderstood for whatever it does not know for certain. */
export function parsePermissions(stdout: string, name: string, asked: string): DatasetPermissions[] {
  const strange = (line: string): OutputNotUnderstood =>
    new OutputNotUnderstood({ name, asked, command: `zfs allow`, line })
  // Names may have blanks and dashes: only the very titles of this dataset and of those above it are taken.
  const titles = new Map(lineage(name).map((each) => [`---- Permissions on ${each} `.padEnd(70, '-'), each]))
  const found: { readonly name: string; readonly grants: Grant[] }[] = []
  let section: Section | undefined
  for (const line of stdout.replace(/\n$/, '').split('\n')) {
    if (line === '' && stdout === '') break
    const title = titles.get(line)
    const grants = found.at(-1)?.grants
    if (title !== undefined) {
      if (found.some((each) => each.name === title)) throw strange(line)
      found.push({ name: title, grants: [] })
      section = undefined
    } else if (grants && Object.hasOwn(sections, line)) section = sections[line]
    else if (grants && section && line.startsWith('\t')) {
      const [to, list = ''] = section.read(line.slice(1)) ?? []
      const names = list.split(',')
      if (to === undefined || !names.every((each) => permissionName.test(each))) throw strange(line)
      grants.push({ to, scope: section.scope, permissions: names })
    } else throw strange(line)
  }
  return found
}

function lineage(name: string): string[] {
  const parent = parentOf(name)
  return parent === undefined ? [name] : [name, ...lineage(parent)]
}

function setOf(line: string): [Delegate, string] | undefined {
  const [set = '', list, ...more] = line.split(' ')
  return set.startsWith('@') && permissionName.test(set) && list !== undefined && more.length === 0
    ? [{ set }, list]
    : undefined
}

function accountOf(line: string): [Delegate, string] | undefined {
  const blank = line.lastIndexOf(' ')
  const [who, list] = [line.slice(0, blank), line.slice(blank + 1)]
  if (who === 'everyone') return ['everyone', list]
  const [, kind, name = ''] = /^(user|group) (.+)$/.exec(who) ?? []
  if (kind === undefined) return undefined
  const [, id] = /^\(unknown: (\d+)\)$/.exec(name) ?? /^(\d+)$/.exec(name) ?? []
  const account = id === undefined ? name : Number(id)
  // With a blank and an @ it could be a name, or a name and a set with a blank in it.
  if (id === undefined && /\s/.test(name) && /[@,(]/.test(name)) return undefined
  return [kind === 'user' ? { user: account } : { group: account }, list]
}
