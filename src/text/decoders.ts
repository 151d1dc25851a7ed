/**
 * The bytes that a spelling in the vocabulary stands for, by the `decoder` of a `tokenizer.json`. Each token has its
 * bytes whatever stands beside it: a decoder that takes the first blank off a text (`Strip`) is not heeded.
 */
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'
import { BLANK } from './blank.js'
import { spellingBytes } from './byte-level.js'
import { splitPattern } from './split-patterns.js'

export type Decoder = (spelling: string) => Uint8Array

const BYTE_SPELLING = /^<0x([0-9A-Fa-f]{2})>$/
const utf8 = new TextEncoder()

/** Throws `ModelError` for a decoder that is not known, and where there is none. */
export function openDecoder(decoder: unknown): Decoder {
  const steps = stepsOf(decoder)
  if (steps.some(({ type }) => type === 'ByteLevel')) return spellingBytes
  const hasBytes = steps.some(({ type }) => type === 'ByteFallback')
  const replacements = steps.flatMap(replacement)
  return (spelling) => {
    const byte = hasBytes ? BYTE_SPELLING.exec(spelling) : null
    if (byte) return Uint8Array.of(parseInt(byte[1], 16))
    return utf8.encode(replacements.reduce((text, replace) => replace(text), spelling))
  }
}

/** The decoders of a sequence, one after another. */
function stepsOf(decoder: unknown): Record<string, unknown>[] {
  const found = asRecord(decoder)
  return found?.type === 'Sequence' && Array.isArray(found.decoders) ? found.decoders.flatMap(stepsOf) : [found ?? {}]
}

function replacement({ type, pattern, content, replacement = BLANK }: Record<string, unknown>): Replace[] {
  if (type === 'Metaspace') return [(text) => text.replaceAll(String(replacement), ' ')]
  if (type === 'Replace') {
    const found = splitPattern(pattern)
    return [(text) => text.replace(found, () => String(content))]
  }
  if (type === 'ByteFallback' || type === 'Fuse' || type === 'Strip') return []
  throw new ModelError(
    'model_invalid',
    'tokenizer.json',
    `the tokenizer turns tokens into text by ${JSON.stringify(type)}; this release knows ByteLevel, ByteFallback, ` +
      'Replace, Metaspace, Fuse and Strip',
  )
}

type Replace = (text: string) => string
