/**
 * The choices of one call: each is a request of its own to the engine, told apart by its noise; all run at once and
 * their parts are merged as they come.
 */
import { setMaxListeners } from 'node:events'
import { Turns } from '../common/turns.js'
import type { Generates, GeneratePart } from '../api/types.js'
import type { Call } from './call.js'

export interface ChoicePart {
  /** Which choice, 0 .. n - 1. */
  index: number
  part: GeneratePart
}

/**
 * Leaving the loop, an abort, or one choice's failure ends them all within a step; the failure is thrown when all have
 * let go.
 */
export async function* choiceParts(
  engine: Generates,
  { request, n }: Call,
  signal: AbortSignal,
  onAccepted?: () => void,
): AsyncGenerator<ChoicePart, void, undefined> {
  const ended = new AbortController()
  const all = AbortSignal.any([signal, ended.signal])
  // Each choice listens; Node takes more than ten listeners for a leak.
  setMaxListeners(0, all)
  const streams = Array.from({ length: n }, (_, index) =>
    engine.generate({ ...request, ...(n > 1 && { choice: index }), signal: all, onAccepted })[Symbol.asyncIterator](),
  )
  const step = async (index: number): Promise<{ index: number; result: IteratorResult<GeneratePart> }> => ({
    index,
    result: await streams[index].next(),
  })
  const pending = new Map<number, ReturnType<typeof step>>()
  try {
    // To begin is work: prompts are tokenized, schemas translated.
    const turns = new Turns()
    for (const index of streams.keys()) {
      if (turns.due) await turns.next()
      const first = step(index)
      // Told below, once all have begun.
      first.catch(() => undefined)
      pending.set(index, first)
    }
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values())
      if (result.done) {
        pending.delete(index)
        continue
      }
      yield { index, part: result.value }
      pending.set(index, step(index))
    }
  } finally {
    ended.abort()
    await Promise.allSettled(pending.values())
    await Promise.allSettled(streams.map((stream) => stream.return?.()))
  }
}
