// Logs in to a jail at this process's own terminal, and says what came of it.
import { drain } from '@gaoler/core'
import { HostGenerator, JailGenerator } from '@gaoler/jail'

const [options = '{}', name = ''] = process.argv.slice(2)
const jail = new JailGenerator(name, { host: HostGenerator.open(JSON.parse(options)) })
console.log(JSON.stringify(await drain(jail.execConsole())))
