/** One line in a worker's log for each answer that ended here. The line holds nothing of what was said. */
import type { Logger } from 'pino'
import type { Engine, GenerateRequest } from '../api/types.js'

/** Logs under the id of the client's request, which the server's own line has too. */
export function logAnswers({ events, info }: Pick<Engine, 'events' | 'info'>, log: Logger): void {
  const open = new Map<number, GenerateRequest>()
  events.on('request', ({ id, request }) => void open.set(id, request))
  events.on('end', ({ id, reason, ms, stats, error }) => {
    const { requestId, resume = [] } = open.get(id) ?? {}
    open.delete(id)
    // One that went on with an answer says behind how many tokens.
    const behind = resume.length > 0 ? { resumed: resume.length } : {}
    const why = reason === 'error' ? { err: error } : {}
    log.info(
      { requestId, model: info.model, reason, tokens: stats.tokens, ms: Math.round(ms), ...behind, ...why },
      'answer',
    )
  })
}
