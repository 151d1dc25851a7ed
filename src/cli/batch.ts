/** `sequoia batch`: a file of requests to a file of answers, in a terminal. */
import { createGateway } from '../serve/index.js'
import { gatewayAnswer } from '../scale/batches/gateway-answer.js'
import { runFile } from '../scale/batches/run-file.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Command } from './command.js'
import { engineFlags, openByFlags } from './engine-flags.js'
import { INTERRUPTED } from './exit-codes.js'
import { integer, parseOperands } from './flags.js'
import { showingProgress } from './progress-bars.js'

const flags = {
  ...engineFlags,
  'max-batch': integer('N', 'requests answered together (default 8)', 1, 64),
}

export const batch: Command = {
  name: 'batch',
  summary: 'answer a file of requests, a JSON line each; goes on where it was interrupted',
  usage: 'batch [flags] INPUT.jsonl OUTPUT.jsonl',
  flags,
  async run(argv) {
    const { values, operands } = parseOperands(flags, argv)
    if (operands.length !== 2)
      throw new InvalidArgumentError(
        'INPUT OUTPUT',
        `batch takes two files, requests and answers; got ${operands.length}`,
      )
    const [inputPath, outputPath] = operands
    const engine = await openByFlags(values, { maxBatch: values['max-batch'] })
    const interrupt = new AbortController()
    const onSignal = (): void => interrupt.abort()
    process.once('SIGINT', onSignal)
    try {
      const gateway = createGateway({ engine })
      const { answer, parse } = gatewayAnswer(() => [gateway])
      const width = (): number => engine.info.maxBatch
      const { total, failed } = await showingProgress((tell) => {
        const text = `answering ${inputPath}`
        const onProgress = (done: number, total: number): void => tell({ stage: 'answer', text, done, total })
        return runFile({ inputPath, outputPath, answer, parse, width, onProgress }, interrupt.signal)
      })
      console.error(`${total} requests, ${failed} refused; answers in ${outputPath}`)
      return interrupt.signal.aborted ? INTERRUPTED : 0
    } finally {
      process.off('SIGINT', onSignal)
      await engine.close({ drainMs: 0 })
    }
  },
}
