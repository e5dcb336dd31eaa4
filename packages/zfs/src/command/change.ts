import { PropertyInvalid } from '../errors.ts'
import type { PropertyInput } from '../properties/types.ts'
import { assignment, checkAnyName, checkProperty } from './check.ts'
import { commandFailed, commonFailure, firstLine, type Request } from './failure.ts'
import type { Program } from './run.ts'

/** `zfs set`, all properties in one command. */
export function* set(
  name: string,
  properties: Readonly<Record<string, PropertyInput>>,
  exists: Request['exists'],
): Program<void> {
  const request: Request = { name, asked: `set properties of "${name}"`, exists }
  checkAnyName(name, request.asked, false)
  const words = Object.entries(properties).map(([property, given]) => assignment(property, given, name, request.asked))
  yield* change(request, ['set', ...words, name], Object.keys(properties))
}

/** `zfs inherit`. */
export function* inherit(name: string, property: string, exists: Request['exists']): Program<void> {
  const request: Request = { name, asked: `inherit the property "${property}" of "${name}"`, exists }
  checkAnyName(name, request.asked, false)
  checkProperty(property, name, request.asked)
  yield* change(request, ['inherit', property, name], [property])
}

function* change(request: Request, args: readonly string[], properties: readonly string[]): Program<void> {
  const { name, asked } = request
  if (properties.length === 0) {
    // Nothing to do, and yet a missing dataset is to be noticed.
    const missing = commonFailure(request, { stdout: '', stderr: '', exitCode: 1 })
    if (missing) throw missing
    return
  }
  const result = yield args
  if (result.exitCode === 0) return
  const { stderr } = result
  const known = commonFailure(request, result)
  if (known) throw known
  // The property is set, but what follows from it failed: a mount, a share.
  if (/unable to|cannot (?:un)?(?:mount|share)/.test(stderr)) throw commandFailed(request, args, result)
  const property = properties.length === 1 ? properties[0] : properties.find((each) => stderr.includes(`'${each}'`))
  throw new PropertyInvalid({ name, asked, property, reason: firstLine(stderr), stderr })
}
