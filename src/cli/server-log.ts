/** The server's log on standard error: lines for people on a terminal, JSON for whoever collects it. */
import { destination, pino, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { hasColours } from './has-colours.js'

/** What `accessLog` says of a request: in the words of its line, not behind them. */
const ACCESS = ['requestId', 'method', 'path', 'status', 'ms', 'caller', 'left'] as const
/** Characters of a request's id: enough to find it by. */
const ID = 8

/** `GET /v1/models 200, 3 ms (7f4dcc5b)`; other lines keep their message. */
function told(line: Record<string, unknown>, messageKey: string): string {
  const { requestId, method, path, status, ms, caller, left } = line as Partial<
    Record<(typeof ACCESS)[number], string | number | boolean>
  >
  if (method === undefined) return String(line[messageKey] ?? '')
  const who = caller === undefined ? '' : `, ${caller}`
  const end = left ? ', the client left' : ''
  return `${method} ${path} ${status}, ${ms} ms${who}${end} (${String(requestId).slice(0, ID)})`
}

/** Written at once: what a process said last is what matters when it ends. */
export function serverLog(level: string, stream: NodeJS.WriteStream & { fd: number } = process.stderr): Logger {
  if (!stream.isTTY) return pino({ level }, destination({ dest: stream.fd, sync: true }))
  const lines = pretty({
    destination: stream,
    sync: true,
    colorize: hasColours(stream),
    translateTime: 'SYS:HH:MM:ss',
    // Who looks on knows which process and machine it is.
    ignore: ['pid', 'hostname', ...ACCESS].join(','),
    messageFormat: told,
    singleLine: true,
  })
  return pino({ level }, lines)
}
