/**
 * Compiles grammars against one vocabulary, each in an instance of the library that holds the vocabulary and nothing
 * else. Calls must not overlap. `compile-worker.ts` runs this in a thread: a text may take a second.
 */
import type { GrammarCompiler } from '@mlc-ai/web-xgrammar'
import { RuntimeError } from '../spec/errors.js'
import { imageOf, standIn, usedBytes, type GrammarImage } from './grammar-image.js'
import { lastReason, openXGrammar, type XGrammar } from './xgrammar.js'

/** The tokens of a model, as threads pass them on. */
export interface Vocabulary {
  /** Bytes of all tokens end to end, and how many each has. */
  bytes: Uint8Array
  lengths: Uint32Array
  /** What an answer ends with once its grammar is complete. */
  stopTokens: number[]
}

/** Refused: the text is no grammar, for this reason. */
export type Outcome = { image: GrammarImage } | { refused: string }

interface Opened {
  library: XGrammar
  compiler: GrammarCompiler
  /** Its memory before any grammar. */
  start: Uint8Array
}

/** Work of one text, in calls and turns of loops (`metered.ts`): some seconds, in which other texts wait. */
const MOST_WORK = 1_000_000_000

const TOO_SLOW =
  'it takes too long to compile; use smaller counts of classes ([a-z]{1,500} has 500 states), ' +
  'or "*" and "+" in their place'

const NO_BYTES = new Uint8Array(0)

export class ImageCompiler {
  private opened: Promise<Opened> | null = null
  /** Parses texts ahead of the compiler; lost with the first text that is wrong. */
  private parser: XGrammar | null = null

  constructor(private readonly vocabulary: Vocabulary) {}

  async compile(text: string): Promise<Outcome> {
    const refused = await this.parse(text)
    if (refused !== null) return { refused }
    this.opened ??= open(this.vocabulary)
    const { library, compiler, start } = await this.opened
    library.refuel(MOST_WORK)
    try {
      const image = await imageOf(library, await compiler.compileGrammar(text))
      library.memory().fill(0, start.length, image.bytes.length).set(start)
      return { image }
    } catch (cause) {
      // This instance is broken; the next text gets another.
      this.opened = null
      if (library.fuel() <= 0) return { refused: TOO_SLOW }
      throw new RuntimeError(
        `the grammar library failed to compile a grammar it had parsed: ${lastReason(library) ?? String(cause)}`,
        { cause },
      )
    }
  }

  private async parse(text: string): Promise<string | null> {
    const parser = (this.parser ??= openXGrammar())
    parser.refuel(MOST_WORK)
    try {
      const grammar = await parser.Grammar.fromEBNF(text)
      grammar.dispose()
      return null
    } catch {
      this.parser = null
      if (parser.fuel() <= 0) return TOO_SLOW
      return lastReason(parser) ?? 'the grammar library cannot read it'
    }
  }
}

async function open(vocabulary: Vocabulary): Promise<Opened> {
  const library = openXGrammar()
  await standIn(library)
  const tokens = tokensOf(vocabulary)
  const { length } = tokens
  const info = await library.TokenizerInfo.createTokenizerInfo(tokens, 'raw', false, length, vocabulary.stopTokens)
  const compiler = await library.GrammarCompiler.createGrammarCompiler(info, false)
  return { library, compiler, start: usedBytes(library) }
}

/** Tokens with bytes that UTF-8 never has get none: the library would read them as the beginning of a character. */
function tokensOf({ bytes, lengths }: Vocabulary): Uint8Array[] {
  let at = 0
  return Array.from(lengths, (length) => {
    const token = bytes.subarray(at, (at += length))
    return token.some((byte) => byte === 0xc0 || byte === 0xc1 || byte > 0xf4) ? NO_BYTES : token
  })
}
