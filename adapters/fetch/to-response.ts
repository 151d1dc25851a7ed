/**
 * Words a `Reply` as a `Response`: one JSON body, or a stream that runs at its reader's pace and ends the engine's work
 * when the reader leaves.
 */
import type { Reply } from '../../src/serve/index.js'

/**
 * The stream ends once `leave` is aborted: nobody is there to tell. Cancelling the response aborts it too. A stream
 * begins with `opening`, if there is one.
 */
export function toResponse(reply: Reply, leave: AbortController, opening?: string): Response {
  const { status, headers } = reply
  if (!('events' in reply)) return Response.json(reply.body, { status, headers })
  const { events } = reply
  const { signal } = leave
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (opening) controller.enqueue(encoder.encode(opening))
      // A generator that never began runs no `finally`: begin it, so that the engine lets go.
      const left = (): void =>
        void events
          .next()
          .then(() => events.return())
          .then(() => controller.close())
          .catch(() => {})
      if (signal.aborted) left()
      else signal.addEventListener('abort', left)
    },
    async pull(controller) {
      const { done, value } = await events.next()
      if (signal.aborted) return
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel() {
      leave.abort(new Error('the client closed the connection'))
    },
  })
  return new Response(body, { status, headers })
}
