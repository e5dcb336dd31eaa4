import type { Dataset, ListOptions } from '../zfs.ts'
import type { Request } from './failure.ts'
import { checkRead, nothingOf, query, withNames } from './list.ts'
import { run, runLines } from './run.ts'
import { textOf } from './text.ts'

/** The datasets one after the other, while the command prints them. It is stopped when the consumer leaves, and waits when that is slow. */
export async function* iterate(options: ListOptions, exists: Request['exists']): AsyncGenerator<Dataset, void, void> {
  // Not yield*, which makes three times as many promises of each.
  for await (const several of portions(options, exists)) for (const dataset of several) yield dataset
}

/** All of them: read while the command runs, so that little is left to do when it ends. */
export async function gather(options: ListOptions, exists: Request['exists']): Promise<Dataset[]> {
  const all: Dataset[] = []
  for await (const several of portions(options, exists)) for (const dataset of several) all.push(dataset)
  return all
}

async function* portions(
  { signal, ...options }: ListOptions,
  exists: Request['exists'],
): AsyncGenerator<Dataset[], void, void> {
  const checked = query(options, exists)
  if (checked.nothing) {
    nothingOf(checked)
    return
  }
  const asked = await run(withNames(checked), signal)
  const { args, reader } = textOf(asked)
  const lines = runLines(args, signal)
  let step = await lines.next()
  try {
    for (; !step.done; step = await lines.next()) {
      yield reader.push(step.value)
    }
  } finally {
    await lines.return({ stdout: '', stderr: '', exitCode: 0 })
  }
  checkRead(step.value, args, asked, reader)
}
