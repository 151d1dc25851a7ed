/** Words a `Reply` as a `Response`: one JSON body, or a stream that runs at its reader's pace and ends the engine's work when the reader leaves. */
import type { Reply } from '../../src/serve/index.js'

/** `leave` is aborted when the response is cancelled. A stream begins with `opening`, if there is one. */
export function toResponse(reply: Reply, leave: AbortController, opening?: string): Response {
  const { status, headers } = reply
  if (!('events' in reply)) return Response.json(reply.body, { status, headers })
  const { events } = reply
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (opening) controller.enqueue(encoder.encode(opening))
    },
    async pull(controller) {
      const { done, value } = await events.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      leave.abort(new Error('the client closed the connection'))
      // Only a loop that began can tell the engine to let go.
      await events.next()
      await events.return()
    },
  })
  return new Response(body, { status, headers })
}
