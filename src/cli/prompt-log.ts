/** An engine that logs what requests and answers say, for operators who asked for it. */
import type { Logger } from 'pino'
import type { Engine, Generates } from '../api/types.js'

export function withPromptLog(engine: Engine | Generates, log: Logger): Engine | Generates {
  const logged: Generates = {
    info: engine.info,
    async *generate(request) {
      const { requestId, messages, prompt, promptTokens } = request
      let answer = ''
      try {
        for await (const part of engine.generate(request)) {
          answer += part.text
          yield part
        }
      } finally {
        log.info({ requestId, model: engine.info.model, messages, prompt, promptTokens, answer }, 'prompt')
      }
    },
    fault: () => engine.fault(),
    usage: () => engine.usage(),
    encode: (request) => engine.encode(request),
    ...('queue' in engine && engine.queue && { queue: () => engine.queue!() }),
    close: (options) => engine.close(options),
  }
  if (!('stats' in engine)) return logged
  const { events } = engine
  return {
    ...logged,
    events,
    encode: (request) => engine.encode(request),
    tuning: (...asked) => engine.tuning(...asked),
    calibrate: (options) => engine.calibrate(options),
    stats: () => engine.stats(),
  }
}
