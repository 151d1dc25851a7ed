/** What a terminal is told of a first opening where nobody listens to its progress: one line, so that a wait is one. */
import type { OnProgress } from '../common/progress.js'

/** Undefined where `stream` is no terminal: logs get nothing that nobody asked for. */
export function firstOpenLine(target: string, stream: NodeJS.WriteStream = process.stderr): OnProgress | undefined {
  if (!stream.isTTY) return undefined
  let isTold = false
  return ({ stage }) => {
    if (isTold || stage === 'note') return
    isTold = true
    stream.write(
      `sequoia-onnx: first open of ${target}: pulling, importing and timing it takes a while, later opens are quick ` +
        '(onProgress tells how far it is)\n',
    )
  }
}
