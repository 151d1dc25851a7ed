/** The server's log on standard error: lines for people on a terminal, JSON for whoever collects it. */
import { destination, pino, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { hasColours } from './has-colours.js'

/** Written at once: what a process said last is what matters when it ends. */
export function serverLog(level: string, stream: NodeJS.WriteStream & { fd: number } = process.stderr): Logger {
  if (!stream.isTTY) return pino({ level }, destination({ dest: stream.fd, sync: true }))
  const lines = pretty({
    destination: stream,
    sync: true,
    colorize: hasColours(stream),
    translateTime: 'SYS:HH:MM:ss',
    // Who looks on knows which process and machine it is.
    ignore: 'pid,hostname',
    singleLine: true,
  })
  return pino({ level }, lines)
}
