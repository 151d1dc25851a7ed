/** An engine that logs what requests and answers say, for operators who asked for it. */
import type { Logger } from 'pino'
import type { Engine } from '../api/types.js'

export function withPromptLog(engine: Engine, log: Logger): Engine {
  return {
    info: engine.info,
    events: engine.events,
    async *generate(request) {
      const { messages, prompt, promptTokens } = request
      let answer = ''
      try {
        for await (const part of engine.generate(request)) {
          answer += part.text
          yield part
        }
      } finally {
        log.info({ model: engine.info.model, messages, prompt, promptTokens, answer }, 'prompt')
      }
    },
    fault: () => engine.fault(),
    usage: () => engine.usage(),
    encode: (request) => engine.encode(request),
    tuning: (...asked) => engine.tuning(...asked),
    calibrate: (options) => engine.calibrate(options),
    stats: () => engine.stats(),
    close: (options) => engine.close(options),
  }
}
