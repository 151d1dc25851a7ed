/**
 * Translates and compiles grammars in a thread of its own, so that the event loop goes on. The thread starts with the
 * first question and holds up nobody's exit.
 */
import { setImmediate } from 'node:timers/promises'
import { AskedThread } from '../common/asked-thread.js'
import { startThread } from '../common/start-thread.js'
import { errorOfData } from '../spec/error-data.js'
import { RuntimeError, SequoiaError } from '../spec/errors.js'
import type { Tokenizer } from '../text/text.js'
import type { AnswerGrammar } from './answer-grammar.js'
import type { CompileAnswer, CompileQuestion } from './compile-worker.js'
import type { Outcome, Vocabulary } from './compiler.js'
import { tokenTable, type TokenTable } from './token-table.js'

export interface VocabularyOptions {
  tokenizer: Tokenizer
  /** Length of a row of logits. */
  vocabSize: number
  /** What an answer ends with once its grammar is complete. */
  stopTokens: readonly number[]
}

/** Tokens read in one go: a few milliseconds at most. */
const BLOCK = 512

const NO_BYTES = new Uint8Array(0)

export class CompilerThread {
  private readonly thread: AskedThread<CompileQuestion, CompileAnswer & { id: number }>
  private vocabulary: Promise<Vocabulary> | null = null
  private tokens: Promise<TokenTable> | null = null

  constructor(private readonly options: VocabularyOptions) {
    this.thread = new AskedThread({
      start: async () =>
        startThread(import.meta.url, 'compile-worker', { workerData: await this.packed(), name: 'sequoia grammars' }),
      closed: endedEarly,
      ended: (cause) => new RuntimeError(`the thread that compiles grammars ended: ${String(cause)}`, { cause }),
    })
  }

  /** Throws `RuntimeError` where the library or the thread fails, `SequoiaError` 'closed' once it is closed. */
  async compile(text: string): Promise<Outcome> {
    return (await this.answerTo({ text })) as Outcome
  }

  /** The grammar of a long question. Throws what its translation throws, and as `compile`. */
  async translate(question: string): Promise<AnswerGrammar> {
    return ((await this.answerTo({ question })) as { grammar: AnswerGrammar }).grammar
  }

  private async answerTo(asked: CompileQuestion): Promise<CompileAnswer> {
    const answer = await this.thread.ask(asked)
    if ('error' in answer) throw errorOfData(answer.error)
    return answer
  }

  /** The vocabulary's tokens. */
  table(): Promise<TokenTable> {
    this.tokens ??= this.packed().then(({ bytes, lengths }) => tokenTable(bytes, lengths))
    return this.tokens
  }

  private packed(): Promise<Vocabulary> {
    return (this.vocabulary ??= packed(this.options))
  }

  /** Ends the thread; texts that it has not compiled yet fail. */
  close(): Promise<void> {
    return this.thread.close()
  }
}

const endedEarly = (): SequoiaError =>
  new SequoiaError('closed', 'the engine was closed before the grammar was compiled; open another one')

/** Tokens without text (special ones, padding) have no bytes. The event loop gets its turns between blocks. */
async function packed({ tokenizer, vocabSize, stopTokens }: VocabularyOptions): Promise<Vocabulary> {
  const lengths = new Uint32Array(vocabSize)
  const blocks: Buffer[] = []
  for (let from = 0; from < vocabSize; from += BLOCK) {
    await setImmediate()
    const tokens = Array.from({ length: Math.min(BLOCK, vocabSize - from) }, (_, i) =>
      from + i < tokenizer.vocabSize ? tokenizer.bytes(from + i) : NO_BYTES,
    )
    lengths.set(
      tokens.map(({ length }) => length),
      from,
    )
    blocks.push(Buffer.concat(tokens))
  }
  return { bytes: Buffer.concat(blocks), lengths, stopTokens: [...stopTokens] }
}
