import { parentPort } from 'node:worker_threads'
import koffi from 'koffi'
import { fillSync } from '../stream/fill.ts'
import type { LongCall } from './long.ts'
import { readFirst } from './read-first.ts'

// A thread of long.ts: it makes the calls that it is sent, one at a time, and answers with what C returned. Of Gaoler
// it loads next to nothing, so that it starts fast: the library was found, loaded and initialised by who sends the call.
parentPort?.on('message', ({ library, symbol, types, values, first }: LongCall) => {
  const given = [...values]
  if (first > 0) given[given.length - 1] = new Uint8Array(first)
  const unread = first > 0 ? readFirst(given, fillSync) : 0
  parentPort?.postMessage(unread || koffi.load(library).func(symbol, 'int', [...types])(...given))
})
