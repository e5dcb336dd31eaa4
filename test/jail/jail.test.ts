import { jailConformance } from '../conformance/jail.ts'
import { embeddedWorld } from './embedded-world.ts'

jailConformance('jail/embedded', embeddedWorld)
