/**
 * One model's grammars: compiled against its vocabulary once, kept by their text, the least recently used thrown away. The library is
 * loaded, and the vocabulary read into it, when the first grammar is asked for (SmolLM2: 0.3 s).
 */
import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar'
import { InvalidArgumentError, RuntimeError } from '../errors.js'
import type { Tokenizer } from '../model/text.js'
import { GrammarMask } from './grammar-mask.js'
import { lastReason, openXGrammar, type XGrammar } from './xgrammar.js'

export interface GrammarsOptions {
  tokenizer: Tokenizer
  /** Length of a row of logits. */
  vocabSize: number
  /** What an answer ends with once its grammar is complete. */
  stopTokens: readonly number[]
  /** Most compiled grammars kept; default 32. */
  most?: number
}

interface Compiling {
  library: XGrammar
  compiler: GrammarCompiler
}

const NO_BYTES = new Uint8Array(0)

export class Grammars {
  private readonly compiled = new Map<string, Promise<CompiledGrammar>>()
  private compiling: Promise<Compiling> | null = null
  /** Parses texts ahead of the compiler; lost with the first text that is wrong. */
  private parser: XGrammar | null = null

  constructor(private readonly options: GrammarsOptions) {}

  /** A mask at the beginning of an answer; `dispose` it. Throws `InvalidArgumentError` naming `param` for a text that is no grammar. */
  async mask(text: string, param = 'responseFormat'): Promise<GrammarMask> {
    if (this.options.stopTokens.length === 0) throw new InvalidArgumentError(param, `${param} cannot be used: this model has no stop token to end a complete answer with`)
    const compiled = await this.compile(text, param)
    const { library } = await this.opened()
    return new GrammarMask(library, await library.GrammarMatcher.createGrammarMatcher(compiled), this.options.vocabSize)
  }

  /** How many compiled grammars are kept. */
  get size(): number {
    return this.compiled.size
  }

  private compile(text: string, param: string): Promise<CompiledGrammar> {
    const known = this.compiled.get(text)
    this.compiled.delete(text)
    const compiled = known ?? this.compileAnew(text, param)
    this.compiled.set(text, compiled)
    compiled.catch(() => this.compiled.delete(text))
    const [oldest] = this.compiled.keys()
    if (this.compiled.size > (this.options.most ?? 32)) {
      // Running answers' matchers share the grammar and keep it.
      void this.compiled.get(oldest)!.then((grammar) => grammar.dispose(), () => {})
      this.compiled.delete(oldest)
    }
    return compiled
  }

  private async compileAnew(text: string, param: string): Promise<CompiledGrammar> {
    await this.parse(text, param)
    const { library, compiler } = await this.opened()
    try {
      return await compiler.compileGrammar(text)
    } catch (cause) {
      // This instance is broken: running answers keep what they have of it, new ones get another.
      this.compiling = null
      this.compiled.clear()
      throw new RuntimeError(`the grammar library failed to compile a grammar it had parsed: ${lastReason(library) ?? String(cause)}`, { cause })
    }
  }

  private async parse(text: string, param: string): Promise<void> {
    const parser = (this.parser ??= openXGrammar())
    try {
      const grammar = await parser.Grammar.fromEBNF(text)
      grammar.dispose()
    } catch {
      if (this.parser === parser) this.parser = null
      throw new InvalidArgumentError(param, `the grammar cannot be used: ${lastReason(parser) ?? 'the grammar library cannot read it'}`)
    }
  }

  private opened(): Promise<Compiling> {
    this.compiling ??= this.open()
    return this.compiling
  }

  private async open(): Promise<Compiling> {
    const { tokenizer, vocabSize, stopTokens } = this.options
    const library = openXGrammar()
    // Tokens without text (special ones, padding) are in no grammar, nor are bytes that UTF-8 never has: the library would take them for the
    // beginning of a character. Its typed face knows strings only; the binding takes bytes as well.
    const tokens = Array.from({ length: vocabSize }, (_, token) => {
      const bytes = token < tokenizer.vocabSize ? tokenizer.bytes(token) : NO_BYTES
      return bytes.some((byte) => byte === 0xc0 || byte === 0xc1 || byte > 0xf4) ? NO_BYTES : bytes
    })
    const info = await library.TokenizerInfo.createTokenizerInfo(tokens as unknown as string[], 'raw', false, vocabSize, [...stopTokens])
    return { library, compiler: await library.GrammarCompiler.createGrammarCompiler(info, false) }
  }
}
