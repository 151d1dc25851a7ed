/**
 * The thread that `CompilerThread` starts: questions in, their grammars out, and texts in, images of their compiled
 * grammars out, one after the other.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { errorData, type ErrorData } from '../spec/error-data.js'
import type { AnswerGrammar } from './answer-grammar.js'
import { answerTo } from './asked-grammar.js'
import { ImageCompiler, type Outcome, type Vocabulary } from './compiler.js'

/** A text to compile, or a question (`asked-grammar.ts`) to translate. */
export type CompileQuestion = { text: string } | { question: string }

export type CompileAnswer = Outcome | { grammar: AnswerGrammar } | { error: ErrorData }

const compiler = new ImageCompiler(workerData as Vocabulary)
let last = Promise.resolve()

async function answer(asked: CompileQuestion): Promise<CompileAnswer> {
  try {
    return 'text' in asked ? await compiler.compile(asked.text) : { grammar: answerTo(asked.question)! }
  } catch (error) {
    return { error: errorData(error) }
  }
}

parentPort!.on('message', ({ id, ...asked }: CompileQuestion & { id: number }) => {
  last = last.then(async () => {
    const outcome = await answer(asked)
    parentPort!.postMessage({ id, ...outcome }, 'image' in outcome ? [outcome.image.bytes.buffer] : [])
  })
})
