import { IocError, registerErrors, reviveError, serialiseError, toIocError } from '@gaoler/core'
import { assert, suite } from '../harness.ts'

class Missing extends IocError<{ thing: string }> {
  static override readonly code: string = 'MISSING'
  constructor(details: { thing: string }, options: ErrorOptions = {}) {
    super(`there is no ${details.thing}`, details, options)
  }
}
registerErrors({ Missing })

const test = suite('core/error')

test('an error that crosses JSON keeps class, code, details, cause and suppressed errors', () => {
  const error = new Missing({ thing: 'spoon' }, { cause: new TypeError('bent') })
  error.suppressed.push(new Missing({ thing: 'fork' }))
  error.reverted = true
  const back = reviveError(JSON.parse(JSON.stringify(error))) as Missing
  assert.instance(back, Missing)
  assert.is(back.code, 'MISSING')
  assert.equal(back.details, { thing: 'spoon' })
  assert.is(back.message, 'there is no spoon')
  assert.is((back.cause as Error).message, 'bent')
  assert.instance(back.suppressed[0], Missing)
  assert.is(back.reverted, true)
  assert.is(back.stack, error.stack)
})

test('a class that is not registered comes back as an Error with its name', () => {
  const back = reviveError({ ...serialiseError(new Missing({ thing: 'x' })), name: 'Elsewhere' })
  assert.is(back.name, 'Elsewhere')
  assert.is(back.message, 'there is no x')
})

test('a foreign error is wrapped once and an IocError not at all', () => {
  const foreign = new RangeError('far')
  const wrapped = toIocError(foreign, 'JailStart')
  assert.is(wrapped.cause, foreign)
  assert.is(wrapped.message, 'far')
  assert.is(toIocError(wrapped), wrapped)
})

test('errors that refer to each other in a circle are told once', () => {
  const error = new Error('outer')
  error.cause = new Error('inner', { cause: error })
  const told = serialiseError(error)
  assert.is(told.cause?.message, 'inner')
  assert.is(told.cause?.cause, undefined)
  const missing = new Missing({ thing: 'x' })
  missing.suppressed.push(missing)
  assert.is(serialiseError(missing).suppressed, undefined)
})

test.run()
