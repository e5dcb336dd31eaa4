import { parentPort } from 'node:worker_threads'
import koffi from 'koffi'
import type { LongCall } from './long.ts'

// A thread of long.ts: it makes the calls that it is sent, one at a time, and answers with what C returned. Of Gaoler
// it loads nothing, so that it starts fast: the library was found, loaded and initialised by who sends the call.
parentPort?.on('message', ({ library, symbol, types, values }: LongCall) => {
  const c = koffi.load(library).func(symbol, 'int', [...types])
  parentPort?.postMessage(c(...values))
})
