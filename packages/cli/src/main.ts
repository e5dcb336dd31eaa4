import { createRequire } from 'node:module'
import { buildApplication, buildRouteMap, run, text_en } from '@stricli/core'
import { activate } from './commands/activate.ts'
import { create } from './commands/create.ts'
import { deactivate } from './commands/deactivate.ts'
import { destroy } from './commands/destroy.ts'
import { exec } from './commands/exec.ts'
import { fetch } from './commands/fetch.ts'
import { list } from './commands/list.ts'
import { start } from './commands/start.ts'
import { stop } from './commands/stop.ts'
import type { CliContext } from './context.ts'

const routes = buildRouteMap({
  routes: { activate, deactivate, fetch, list, create, start, stop, exec, destroy },
  docs: {
    brief: 'Jails and releases, every step shown as it happens',
    fullDescription:
      'A first session: ioc fetch --mirror URL RELEASE; ioc create web --release RELEASE; ioc start web; ' +
      'ioc exec web /bin/sh -c "echo hello"; ioc destroy --force web',
  },
})

const application = buildApplication(routes, {
  name: 'ioc',
  versionInfo: { currentVersion: (createRequire(import.meta.url)('../package.json') as { version: string }).version },
  scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  localization: { text: text_en },
})

/** Runs the command `ioc` with these arguments; sets `context.process.exitCode`. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<void> {
  await run(application, argv, context)
  // stricli marks what was asked wrongly by negative numbers; people expect 2.
  if (Number(context.process.exitCode) < 0) context.process.exitCode = 2
}
