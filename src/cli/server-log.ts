/** The server's log on standard error: lines for people on a terminal, JSON for whoever collects it. */
import { Writable } from 'node:stream'
import { destination, pino, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { hasColours } from './has-colours.js'

/** From the least that is said to the most. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
/** What `accessLog` and `logAnswers` say of a request: in the words of its line, not behind them. */
const TOLD = ['requestId', 'ms', 'method', 'path', 'status', 'caller', 'left', 'reason', 'tokens', 'resumed']
/** Characters of a request's id: enough to find it by. */
const ID = 8

/** `GET /v1/models 200, 3 ms (7f4dcc5b)`, `answer stop, 20 tokens, 340 ms (7f4dcc5b)`; others keep their message. */
function told(line: Record<string, unknown>, messageKey: string): string {
  const { requestId, ms, method, path, status, caller, left, reason, tokens, resumed } = line
  const message = String(line[messageKey] ?? '')
  const id = requestId === undefined ? '' : ` (${String(requestId).slice(0, ID)})`
  if (reason !== undefined) {
    const behind = resumed === undefined ? '' : ` behind ${String(resumed)}`
    return `${message} ${String(reason)}, ${String(tokens)} tokens${behind}, ${String(ms)} ms${id}`
  }
  if (method === undefined) return message
  const who = caller === undefined ? '' : `, ${String(caller)}`
  const end = left ? ', the client left' : ''
  return `${String(method)} ${String(path)} ${String(status)}, ${String(ms)} ms${who}${end}${id}`
}

/**
 * Written at once: what a process said last is what matters when it ends. `above`: writes lines to a terminal that
 * shows something below them.
 */
export function serverLog(
  level: string,
  stream: NodeJS.WriteStream & { fd: number } = process.stderr,
  above: (lines: string) => void = (lines) => void stream.write(lines),
): Logger {
  if (!stream.isTTY) return pino({ level }, destination({ dest: stream.fd, sync: true }))
  const lines = pretty({
    destination: new Writable({
      write: (lines, _encoding, done) => {
        above(String(lines))
        done()
      },
    }),
    sync: true,
    colorize: hasColours(stream),
    translateTime: 'SYS:HH:MM:ss',
    // Who looks on knows which process and machine it is.
    ignore: ['pid', 'hostname', ...TOLD].join(','),
    messageFormat: told,
    singleLine: true,
  })
  return pino({ level }, lines)
}
