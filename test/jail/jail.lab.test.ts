import { jailConformance } from '../conformance/jail.ts'
import { linuxWorld } from './linux-world.ts'

jailConformance('jail/linux', linuxWorld)
