// node tools/docs.ts: writes the pages that are made from the source.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { errorsPage } from './docs/errors.ts'
import { eventsPage } from './docs/events.ts'
import { parityPage } from './docs/parity.ts'
import { configSchema, propertiesPage } from './docs/properties.ts'
import { documented, readmePage } from './docs/readme.ts'
import { rosettaPage } from './docs/rosetta.ts'
import { statusPage } from './docs/status.ts'

const root = resolve(import.meta.dirname, '..')
const docs = join(root, 'docs')
writeFileSync(join(docs, 'events.md'), eventsPage())
writeFileSync(join(docs, 'errors.md'), await errorsPage())
writeFileSync(join(docs, 'properties.md'), propertiesPage())
writeFileSync(join(docs, 'config.schema.json'), configSchema())
writeFileSync(join(docs, 'status.md'), statusPage())
writeFileSync(join(docs, 'parity.md'), parityPage())
writeFileSync(join(docs, 'rosetta-libioc.md'), rosettaPage())
for (const name of documented) writeFileSync(join(root, 'packages', name, 'README.md'), readmePage(name))
