import { isNone, isRecord, textOf, type ValueType, valueType } from './value-type.ts'

/** One rule of rctl(8) for a resource. */
export interface Limit {
  /** A number, with K, M, G, T, P or E for powers of 1024. */
  readonly amount: string
  /** `deny`, `log`, `devctl`, `throttle`, or a signal such as `sigterm`. */
  readonly action: string
  /** What it is counted by: the whole jail, or each of these in it. */
  readonly per: 'jail' | 'process' | 'user' | 'loginclass'
}

/** ACTIONS of rctl(8). */
const ACTION = /^(deny|log|devctl|throttle|sig[a-z0-9]{2,8})$/
const AMOUNT = /^(\d{1,19})([kmgtpe]?)b?$/i
const PER = ['jail', 'process', 'user', 'loginclass'] as const
const UNITS = ' kmgtpe'

/** The amount as a number: bytes, seconds, per cent or a count, as the resource has it. */
export function amountOf({ amount }: Pick<Limit, 'amount'>): bigint {
  const [, digits = '0', unit = ''] = AMOUNT.exec(amount) ?? []
  return BigInt(digits) << BigInt(10 * Math.max(0, UNITS.indexOf(unit.toLowerCase() || ' ')))
}

/** `128M`, `128M:deny` or `deny=128M/jail`; stored in the second form, by another thing than the jail in the third. */
export const limit: ValueType<Limit | null> = valueType<Limit | null>({
  name: 'limit',
  expected: 'a limit like 128M, 128M:log or deny=128M/user, or none',
  parse: (written) => {
    if (isNone(written) || written === 'off') return null
    const text = isRecord(written) ? format(partsOf(written)) : textOf(written)
    const [, before, amount = '', after, counted = 'jail'] =
      /^(?:([a-z0-9]+)=)?([^:/=]+)(?::([a-z0-9]+))?(?:\/([a-z]+))?$/.exec(text) ?? []
    const action = before ?? after ?? 'deny'
    const per = PER.find((each) => each === counted)
    if (!AMOUNT.test(amount) || !ACTION.test(action) || per === undefined || (before && after)) {
      throw new RangeError('expected a limit like 128M, 128M:log or deny=128M/user')
    }
    return Object.freeze({ amount, action, per })
  },
  format: (value) => (value === null ? 'none' : format(value)),
  equal: (a, b) =>
    a === null || b === null ? a === b : a.action === b.action && a.per === b.per && amountOf(a) === amountOf(b),
  iocage: (value) => (value === null ? 'off' : format(value)),
  schema: { type: ['string', 'integer', 'null'] },
})

function partsOf({ amount, action = 'deny', per = 'jail' }: Record<string, unknown>): Limit {
  return { amount: textOf(amount), action: textOf(action), per: textOf(per) as Limit['per'] }
}

function format({ amount, action, per }: Limit): string {
  return per === 'jail' ? `${amount}:${action}` : `${action}=${amount}/${per}`
}
