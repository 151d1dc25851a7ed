/**
 * Grammars over a vocabulary of bytes, walked through the shipped masks: does a grammar take a text, and what does it
 * make of chance.
 */
import { GrammarMask } from '../../../src/grammar/grammar-mask.js'
import { Grammars } from '../../../src/grammar/grammars.js'
import { plainGrammar, type AnswerGrammar } from '../../../src/grammar/answer-grammar.js'
import type { Tokenizer } from '../../../src/text/text.js'

const STOP = 256
const VOCAB = 257

const byteTokenizer: Tokenizer = {
  vocabSize: VOCAB,
  mostBytes: 64,
  encode: (text) => [...Buffer.from(text)],
  bytes: (token) => (token < STOP ? Uint8Array.of(token) : new Uint8Array(0)),
  decode: (tokens) => Buffer.from(Array.from(tokens).filter((token) => token < STOP)).toString(),
  idOf: () => undefined,
}

export const byteGrammars = new Grammars({ tokenizer: byteTokenizer, vocabSize: VOCAB, stopTokens: [STOP] })

/** Bytes that begin well-formed characters only if the next byte is right, which the library does not look at. */
const HALF_GOOD = [0xe0, 0xed, 0xf0, 0xf4]

function allowed(mask: GrammarMask): number[] {
  const row = new Float32Array(VOCAB)
  mask.apply(row)
  return Array.from(row.keys()).filter((token) => row[token] === 0)
}

const asked = (grammar: string | AnswerGrammar): AnswerGrammar =>
  typeof grammar === 'string' ? plainGrammar(grammar) : grammar

/** Whether the grammar lets every byte of the text come, and then the stop token. */
export async function accepts(grammar: string | AnswerGrammar, text: string): Promise<boolean> {
  const mask = await byteGrammars.mask(asked(grammar))
  try {
    for (const byte of Buffer.from(text)) {
      if (!allowed(mask).includes(byte)) return false
      mask.push(byte)
    }
    return allowed(mask).includes(STOP)
  } finally {
    mask.dispose()
  }
}

/**
 * A text of the grammar: bytes drawn evenly, ASCII rather than others; from `most` bytes on it stops or closes what it
 * can. Null when it would not end.
 */
export async function randomText(
  grammar: string | AnswerGrammar,
  uniform: () => number,
  most = 60,
): Promise<string | null> {
  const mask = await byteGrammars.mask(asked(grammar))
  const bytes: number[] = []
  try {
    while (bytes.length < 6 * most) {
      const every = allowed(mask)
      const good = every.filter((byte) => !HALF_GOOD.includes(byte))
      const open = good.length > 0 ? good : every
      if (open.includes(STOP) && (open.length === 1 || uniform() < 0.3 || bytes.length > most))
        return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes))
      const likely = open.filter((byte) => byte < 128)
      const closing = likely.filter((byte) => '"]}0'.includes(String.fromCharCode(byte)))
      const from =
        bytes.length > most && closing.length > 0
          ? closing
          : likely.length > 0 && uniform() < 0.95
            ? likely
            : open.filter((byte) => byte !== STOP)
      const byte = from[Math.floor(uniform() * from.length)]
      mask.push(byte)
      bytes.push(byte)
    }
    return null
  } finally {
    mask.dispose()
  }
}
