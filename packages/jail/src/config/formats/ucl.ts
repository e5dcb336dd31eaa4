import type { RawValue } from '../raw.ts'

/** The text of UCL: every value in quotes, so that nothing about it is guessed; null alone has none. */
export function writeUcl(section: { readonly [key: string]: RawValue }, indent = ''): string {
  return Object.entries(section)
    .map(([key, value]) => {
      const name = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : JSON.stringify(key)
      const isSection = typeof value === 'object' && value !== null && !Array.isArray(value)
      if (!isSection) return `${indent}${name} = ${writeUclValue(value)};\n`
      return `${indent}${name} {\n${writeUcl(value as { [key: string]: RawValue }, `${indent}    `)}${indent}}\n`
    })
    .join('')
}

function writeUclValue(value: RawValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(writeUclValue).join(', ')}]`
  if (typeof value === 'object') return `{\n${writeUcl(value as { [key: string]: RawValue })}}`
  return JSON.stringify(typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value))
}
