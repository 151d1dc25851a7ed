/** Requests of the three endpoints with as little in them as there can be, checked; and how a check refuses. */
import { ApiError } from '../../src/serve/api-error.js'
import type { Call } from '../../src/serve/call.js'
import { parseChat } from '../../src/serve/chat-request.js'
import { parseCompletion } from '../../src/serve/completion-request.js'
import { parseResponse } from '../../src/serve/response-request.js'

/** What a model of 1000 tokens leaves to an answer. */
const SERVED = { maxContext: 1000, sampling: {}, thinks: false }

export const chat = (extra: object = {}): Call =>
  parseChat({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...extra }, SERVED)
export const response = (extra: object = {}): Call => parseResponse({ model: 'm', input: 'hi', ...extra }, SERVED)
export const completion = (extra: object = {}): Call => parseCompletion({ model: 'm', prompt: 'hi', ...extra }, SERVED)

export interface Refusal {
  status: number
  param: string | null
  code: string | null
  message: string
}

export function refusal(run: () => unknown): Refusal {
  try {
    run()
  } catch (error) {
    if (error instanceof ApiError)
      return { status: error.status, param: error.param, code: error.code, message: error.message }
    throw error
  }
  throw new Error('nothing was refused')
}
