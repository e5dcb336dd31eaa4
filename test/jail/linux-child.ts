import { linuxPlatform } from '../../packages/jail/src/platform/linux/index.ts'
import { recorder } from './linux-lab.ts'

/** Runs one effect in a process of its own: `node linux-child.ts OPTIONS EFFECT ARGUMENTS`, the first and last as JSON. */
const [, , options, effect, args] = process.argv as [string, string, string, 'createJail' | 'execInJail', string]
const { run } = linuxPlatform(JSON.parse(options)).effects[effect]
console.log(JSON.stringify(await run(JSON.parse(args), recorder())))
