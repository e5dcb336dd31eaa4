import { JailException } from '../errors.ts'
import type { PlatformEffects } from './platform.ts'

type Call = (...args: never[]) => unknown

/** A platform's effects, whose errors name jails as their users do: platforms know them by the kernel's names. */
export function withJailNames(effects: PlatformEffects, nameOf: (kernelName: string) => string): PlatformEffects {
  const rename = (error: unknown): never => {
    throw error instanceof JailException ? error.named(nameOf(error.details.jail)) : error
  }
  const renaming = (call: Call): Call => {
    return (...args) => {
      try {
        const result = call(...args)
        return result instanceof Promise ? result.catch(rename) : result
      } catch (error) {
        return rename(error)
      }
    }
  }
  const entries = Object.entries(effects).map(([name, effect]) => {
    const plan = effect.plan && { plan: renaming(effect.plan) }
    return [name, { ...effect, run: renaming(effect.run), ...plan }]
  })
  return Object.fromEntries(entries)
}
