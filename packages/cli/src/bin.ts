#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Loading is most of what a short command takes. Not where Node would keep it by itself, in the temporary directory of all
// users: what is loaded from there runs as root.
enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gaoler', 'compiled'))

const { runCli } = await import('./main.ts')
await runCli(process.argv.slice(2), { process })
