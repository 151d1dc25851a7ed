/** Answers requests of batches by the gateways of this process, each model by its own. */
import { randomUUID } from 'node:crypto'
import { parseJsonInTurns } from '../../common/json/index.js'
import { ApiError, modelNotFound, type Gateway } from '../../serve/index.js'
import type { Answering } from './run-requests.js'

/** Whoever waits for an answer of a model comes before the requests of batches (`urgency`). */
export function gatewayAnswer(gatewaysNow: () => readonly Gateway[]): Pick<Answering, 'answer'> & {
  parse(text: string): Promise<unknown>
} {
  return {
    parse: parseJsonInTurns,
    answer: async (endpoint, body, signal, caller) => {
      const requestId = `req_${randomUUID().replaceAll('-', '')}`
      const gateways = gatewaysNow()
      const found = gateways.find((gateway) => gateway.serves(body))
      if (!found) {
        const { model } = body as { model: string }
        const error = modelNotFound(
          model,
          gateways.flatMap(({ models }) => models),
        )
        return { status: error.status, requestId, body: error.body }
      }
      const reply = await found.answer(endpoint, body, signal, { urgency: 'batch', caller, requestId })
      signal.throwIfAborted()
      if (!('events' in reply)) return { status: reply.status, requestId, body: reply.body }
      const error = new ApiError(
        400,
        'unsupported_parameter',
        'a batch gathers whole answers; leave stream out',
        'stream',
      )
      return { status: error.status, requestId, body: error.body }
    },
  }
}
