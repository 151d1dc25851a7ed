/**
 * One model's grammars: long questions
 * translated and texts compiled against its vocabulary once, in a thread, and kept; the least recently used are thrown
 * away. The thread is started, and the vocabulary read into it, when the first grammar is asked for.
 */
import { createHash } from 'node:crypto'
import { InvalidArgumentError } from '../spec/errors.js'
import { CompilerThread, type VocabularyOptions } from './compiler-thread.js'
import { counterOf, type AnswerGrammar } from './answer-grammar.js'
import type { AskedGrammar } from './asked-grammar.js'
import { GrammarMask } from './grammar-mask.js'
import { openImage, type OpenGrammar } from './grammar-image.js'
import { LengthMask } from './length-mask.js'
import { MOST_FUEL } from './xgrammar.js'

export interface GrammarsOptions extends VocabularyOptions {
  /** Most compiled grammars kept; default 32. */
  most?: number
  /** Most bytes of them kept, but always the last one; default 256 MiB. */
  mostBytes?: number
}

const MOST_KEPT = 32

interface Kept {
  opened: Promise<OpenGrammar>
  /** 0 until it is compiled. */
  bytes: number
}

export class Grammars {
  private readonly thread: CompilerThread
  /** By text, the one used last at the end. What is thrown away here lives on in masks of running answers. */
  private readonly kept = new Map<string, Kept>()
  /** Grammars of long questions by their hashes, in the same order. */
  private readonly answers = new Map<string, Promise<AnswerGrammar>>()

  constructor(private readonly options: GrammarsOptions) {
    this.thread = new CompilerThread(options)
  }

  /**
   * A mask at the beginning of an answer; `dispose` it. Throws `InvalidArgumentError` naming `param` for a text that is
   * no grammar, or takes too much work to compile.
   */
  async mask(asked: AskedGrammar, param = 'responseFormat'): Promise<GrammarMask> {
    if (this.options.stopTokens.length === 0)
      throw new InvalidArgumentError(
        param,
        `${param} cannot be used: this model has no stop token to end a complete answer with`,
      )
    const { text, counted } = 'question' in asked ? await this.translated(asked.question) : asked
    const { library, compiled } = await this.compile(text, param)
    const lengths = counted && new LengthMask(counterOf(counted), await this.thread.table())
    library.refuel(MOST_FUEL)
    const matcher = await library.GrammarMatcher.createGrammarMatcher(compiled)
    return new GrammarMask({ library, matcher, vocabSize: this.options.vocabSize, lengths, param })
  }

  /** How many compiled grammars are kept. */
  get size(): number {
    return this.kept.size
  }

  /** Ends the thread; texts that are not compiled yet fail. */
  close(): Promise<void> {
    return this.thread.close()
  }

  private translated(question: string): Promise<AnswerGrammar> {
    const key = createHash('sha256').update(question).digest('base64')
    const known = this.answers.get(key) ?? this.thread.translate(question)
    this.answers.delete(key)
    this.answers.set(key, known)
    known.catch(() => this.answers.get(key) === known && this.answers.delete(key))
    const { most = MOST_KEPT } = this.options
    for (const oldest of this.answers.keys()) if (this.answers.size > most) this.answers.delete(oldest)
    return known
  }

  private async compile(text: string, param: string): Promise<OpenGrammar> {
    const kept = this.kept.get(text) ?? this.compileAnew(text, param)
    this.kept.delete(text)
    this.kept.set(text, kept)
    this.trim()
    const opened = await kept.opened
    if (opened.library.fuel() > 0) return opened
    // Its instance was lost in a mask that took too long: the next answer gets another.
    if (this.kept.get(text) === kept) this.kept.delete(text)
    return this.compile(text, param)
  }

  private compileAnew(text: string, param: string): Kept {
    const kept: Kept = { opened: this.open(text, param), bytes: 0 }
    kept.opened.then(
      ({ bytes }) => {
        kept.bytes = bytes
        this.trim()
      },
      () => this.kept.get(text) === kept && this.kept.delete(text),
    )
    return kept
  }

  private async open(text: string, param: string): Promise<OpenGrammar> {
    const outcome = await this.thread.compile(text)
    if ('refused' in outcome) throw new InvalidArgumentError(param, `the grammar cannot be used: ${outcome.refused}`)
    return openImage(outcome.image)
  }

  private trim(): void {
    const { most = MOST_KEPT, mostBytes = 256 * 2 ** 20 } = this.options
    let bytes = [...this.kept.values()].reduce((sum, one) => sum + one.bytes, 0)
    for (const [text, one] of this.kept) {
      if (this.kept.size === 1 || (this.kept.size <= most && bytes <= mostBytes)) return
      this.kept.delete(text)
      bytes -= one.bytes
    }
  }
}
