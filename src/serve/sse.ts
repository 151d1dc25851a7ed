/**
 * Words objects as server-sent events: `data:` lines, comments while nothing comes, an error as an event, `[DONE]` at
 * the end.
 */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies must neither hold events back nor compress them into blocks.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

const KEEP_ALIVE = ': keep-alive\n\n'

export interface SseOptions {
  /** A comment goes out whenever nothing else did for this long. */
  keepAliveMs: number
  /** What the client may see of an error in mid-stream. */
  toEvent(error: unknown): object
  /** Each event goes under the name that is its `type`, and no `[DONE]` follows the last. */
  named?: boolean
}

/** Turns chunks into event texts. Leaving the loop leaves `chunks` too. */
export async function* events(
  chunks: AsyncIterator<object>,
  { keepAliveMs, toEvent, named = false }: SseOptions,
): AsyncGenerator<string, void, undefined> {
  const word = named ? event : data
  try {
    for (;;) {
      const next = chunks.next()
      while (!(await settledWithin(next, keepAliveMs))) yield KEEP_ALIVE
      const { done, value } = await next
      if (done) break
      yield word(value)
    }
    if (!named) yield 'data: [DONE]\n\n'
  } catch (error) {
    yield word(toEvent(error))
  } finally {
    await chunks.return?.()
  }
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

function event(value: object): string {
  return `event: ${(value as { type: string }).type}\n${data(value)}`
}

/** Whether `promise` settles within `ms`; a rejection counts and stays with the promise. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)))
  const settled = promise.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    clearTimeout(timer)
  }
}
