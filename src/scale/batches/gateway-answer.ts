/** Answers requests of batches by the gateways of this process, each model by its own. */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Generates } from '../../api/generates.js'
import { parseJsonInTurns } from '../../common/json/index.js'
import { ApiError, modelNotFound, type Gateway } from '../../serve/index.js'
import type { Answering } from './run-requests.js'

export interface ServedGateway {
  gateway: Gateway
  engine: Generates
}

/** How often a batch looks whether others have stopped waiting. */
const LOOK_EVERY_MS = 20

/** While others wait for a place, requests of batches do not begin: whoever sits before a screen comes first. */
export function gatewayAnswer(served: readonly ServedGateway[]): Pick<Answering, 'answer'> & {
  parse(text: string): Promise<unknown>
} {
  return {
    parse: parseJsonInTurns,
    answer: async (endpoint, body, signal) => {
      const requestId = `req_${randomUUID().replaceAll('-', '')}`
      const found = served.find(({ gateway }) => gateway.serves(body))
      if (!found) {
        const { model } = body as { model: string }
        const error = modelNotFound(
          model,
          served.flatMap(({ gateway }) => gateway.models),
        )
        return { status: error.status, requestId, body: error.body }
      }
      while (found.engine.usage().waiting > 0) await setTimeout(LOOK_EVERY_MS, undefined, { signal })
      const reply = await found.gateway.answer(endpoint, body, signal)
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
