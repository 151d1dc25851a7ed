/** A file of requests to a file of answers, without a server: `sequoia batch`. */
import { createReadStream } from 'node:fs'
import { InvalidArgumentError } from '../../spec/errors.js'
import { readInput, type InputFile } from './input.js'
import { Journal } from './journal.js'
import { runRequests, type Answering, type AnswerLine } from './run-requests.js'

export interface FileRun extends Answering {
  inputPath: string
  /** Answers that are there already are kept: a run that was interrupted goes on. */
  outputPath: string
  parse(text: string): unknown
  /** Gets how many of all requests have an answer, at the beginning and after each. */
  onProgress?(done: number, total: number): void
}

/** How many requests there are, and how many of the answers are refusals. */
export interface FileRunResult {
  total: number
  failed: number
}

/**
 * Answers every request of the input file by one line of the output file. Throws `InvalidArgumentError` naming the
 * first faulty line; ends early, without an error, where `stop` is aborted.
 */
export async function runFile(run: FileRun, stop: AbortSignal): Promise<FileRunResult> {
  const { inputPath, outputPath, parse, onProgress = () => undefined } = run
  const file: InputFile = { read: (start) => createReadStream(inputPath, { start }), endpoint: null, parse }
  const { places, faults } = await readInput(file).catch((error: Error) => {
    throw new InvalidArgumentError('input', `${inputPath} cannot be read: ${error.message}`)
  })
  const [fault] = faults
  if (fault) {
    const place = fault.line === null ? '' : ` line ${fault.line}`
    throw new InvalidArgumentError('input', `${inputPath}${place}: ${fault.message}`)
  }
  const done = new Set<string>()
  let failed = 0
  const count = ({ custom_id: customId, response }: AnswerLine): void => {
    done.add(customId)
    if (response?.status_code !== 200) failed++
  }
  const output = await Journal.open(outputPath, (line) => count(line as AnswerLine))
  try {
    onProgress(done.size, places.length)
    const left = places.filter(({ customId }) => !done.has(customId))
    const write = async (line: AnswerLine): Promise<void> => {
      await output.append(line)
      count(line)
      onProgress(done.size, places.length)
    }
    await runRequests(run, { file, places: left, caller: '', write }, stop)
  } finally {
    await output.close()
  }
  return { total: places.length, failed }
}
