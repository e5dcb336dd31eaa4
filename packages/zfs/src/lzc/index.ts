export { bindLzc } from './bind.ts'
export type { Call, Parameter, Privilege } from './call.ts'
export { type LzcTable, table } from './table.ts'
