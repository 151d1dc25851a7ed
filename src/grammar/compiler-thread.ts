/**
 * An `ImageCompiler` in a thread of its own, so that the event loop goes on while a grammar is compiled. The thread
 * starts with the first text and holds up nobody's exit.
 */
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../common/start-thread.js'
import { RuntimeError, SequoiaError } from '../spec/errors.js'
import type { Tokenizer } from '../text/text.js'
import type { Answer } from './compile-worker.js'
import type { Outcome, Vocabulary } from './compiler.js'
import { tokenTable, type TokenTable } from './token-table.js'

export interface VocabularyOptions {
  tokenizer: Tokenizer
  /** Length of a row of logits. */
  vocabSize: number
  /** What an answer ends with once its grammar is complete. */
  stopTokens: readonly number[]
}

interface Asked {
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/** Tokens read in one go: a few milliseconds at most. */
const BLOCK = 512

const NO_BYTES = new Uint8Array(0)

export class CompilerThread {
  private worker: Promise<Worker> | null = null
  private vocabulary: Promise<Vocabulary> | null = null
  private tokens: Promise<TokenTable> | null = null
  private readonly asked = new Map<number, Asked>()
  private count = 0
  private closed = false

  constructor(private readonly options: VocabularyOptions) {}

  /** Throws `RuntimeError` where the library or the thread fails, `SequoiaError` 'closed' once it is closed. */
  async compile(text: string): Promise<Outcome> {
    if (!this.closed) this.worker ??= this.start()
    const worker = await this.worker
    if (!worker || this.closed) throw endedEarly()
    const id = this.count++
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject })
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage({ id, text })
    })
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
  async close(): Promise<void> {
    this.closed = true
    const worker = await this.worker
    await worker?.terminate()
  }

  private async start(): Promise<Worker> {
    const vocabulary = await this.packed()
    const worker = startThread(import.meta.url, 'compile-worker', {
      workerData: vocabulary,
      name: 'sequoia grammars',
    })
    worker.on('message', (answer: Answer) => this.take(answer, worker))
    let cause: unknown
    worker.on('error', (error) => (cause = error))
    worker.on('exit', () => this.lose(cause))
    worker.unref()
    return worker
  }

  private take({ id, ...answer }: Answer, worker: Worker): void {
    const { resolve, reject } = this.asked.get(id)!
    this.asked.delete(id)
    if (this.asked.size === 0) worker.unref()
    if ('failed' in answer) reject(new RuntimeError(answer.failed))
    else resolve(answer)
  }

  /** The next text starts another thread. */
  private lose(cause: unknown): void {
    this.worker = null
    const error = this.closed
      ? endedEarly()
      : new RuntimeError(`the thread that compiles grammars ended: ${String(cause)}`, { cause })
    for (const { reject } of this.asked.values()) reject(error)
    this.asked.clear()
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
