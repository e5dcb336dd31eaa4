import { suite } from '../harness.ts'
import { KillWorld } from './kill-world.ts'
import { linuxWorld } from './linux-world.ts'

const test = suite('jail/kill on linux')
let kills: KillWorld

test.before(async () => {
  kills = new KillWorld(await linuxWorld())
})
test.after(() => kills.close())

for (const name of ['start', 'stop', 'clone to a dataset', 'destroy']) {
  test(
    `${name}: killed, failing or cancelled at each kind of its effects, it is undone or completed`,
    () => kills.breakOff(name),
    { timeout: 240_000 },
  )
}

test.run()
