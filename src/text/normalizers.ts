/** What becomes of text before it is cut into words: the `normalizer` of a `tokenizer.json`. */
import { asRecord } from '../common/record.js'
import { ModelError } from '../spec/errors.js'
import { withoutBlanksAtEnd, withoutBlanksAtStart } from './blank.js'
import { splitPattern } from './split-patterns.js'

export type Normalizer = (text: string) => string

type Rule = Readonly<Record<string, unknown>>

const KINDS: Readonly<Record<string, (rule: Rule) => Normalizer>> = {
  Sequence: ({ normalizers }) => {
    const parts = Array.isArray(normalizers) ? normalizers.map(openNormalizer) : []
    return (text) => parts.reduce((changed, part) => part(changed), text)
  },
  NFC: () => (text) => text.normalize('NFC'),
  NFD: () => (text) => text.normalize('NFD'),
  NFKC: () => (text) => text.normalize('NFKC'),
  NFKD: () => (text) => text.normalize('NFKD'),
  Prepend: ({ prepend }) => {
    return (text) => (text === '' ? '' : String(prepend) + text)
  },
  Replace: ({ pattern, content }) => {
    const found = splitPattern(pattern)
    return (text) => text.replace(found, () => String(content))
  },
  Strip: ({ strip_left, strip_right }) => {
    return (text) => {
      const left = strip_left === false ? text : withoutBlanksAtStart(text)
      return strip_right === false ? left : withoutBlanksAtEnd(left)
    }
  },
}

/** Throws `ModelError` for a kind that is not known. */
export function openNormalizer(rule: unknown): Normalizer {
  const found = asRecord(rule)
  if (!found) return (text) => text
  const open = KINDS[String(found.type)]
  if (open) return open(found)
  throw new ModelError(
    'model_invalid',
    'tokenizer.json',
    `the tokenizer normalizes text by ${JSON.stringify(found.type)}; this release knows ` +
      Object.keys(KINDS).join(', '),
  )
}
