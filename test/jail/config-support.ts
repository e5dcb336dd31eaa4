import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { JailConfig } from '@gaoler/jail'
import type { InvalidJailConfigValue } from '../../packages/jail/src/config/errors.ts'
import { encode } from '../../packages/jail/src/config/formats/encode.ts'
import { jsonFormat, uclFormat } from '../../packages/jail/src/config/formats/text.ts'

export const formats = { json: jsonFormat, ucl: uclFormat } as const

export function corpus(file: string): string {
  return readFileSync(resolve(import.meta.dirname, 'corpus', file), 'utf8')
}

const refuse = (error: InvalidJailConfigValue): never => {
  throw error
}

export function parse(text: string, format: 'json' | 'ucl' = 'json', defaults?: JailConfig): JailConfig {
  return new JailConfig('web', { format, defaults }).load(formats[format].parse(text, `/etc/web.${format}`), refuse)
}

export function write(config: JailConfig, format: 'json' | 'ucl' = 'json'): string {
  return formats[format].write(encode(config, format), `/etc/web.${format}`)
}
