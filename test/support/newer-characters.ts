/**
 * Characters that the reference library's tables are too old for: it takes them for unassigned, for no punctuation, or
 * leaves them as they are where a normal form changes them, and Node does not. The library itself is asked.
 */
import { askPython } from './reference-tokenizers.js'

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const

interface Tables {
  unassigned: string
  punctuation: string
  normalized: Record<string, string[]>
}

/** What a character may be too new for: `Punctuation` is the rule of that name. */
export type Newer = ReadonlyMap<'classes' | 'Punctuation' | (typeof FORMS)[number], ReadonlySet<string>>

/** Of those that the texts have. */
export function newerCharacters(program: string, texts: readonly string[]): Newer {
  const all = [...new Set(texts.join(''))].filter((one) => !/[\p{Cn}\p{Surrogate}]/u.test(one))
  // A mark alone never changes: it goes behind, or before, one of another class.
  const probes = all.flatMap((one) => (/\p{M}/u.test(one) ? [one, `\u0301${one}`, `${one}\u0323`] : [one]))
  const changed = FORMS.map((form) => [form, probes.filter((probe) => probe.normalize(form) !== probe)] as const)
  const marked = Object.fromEntries(changed)
  const found = askPython<Tables>(program, { tables: { characters: all.join(''), marked } })
  const [unassigned, punctuation] = [new Set(found.unassigned), new Set(found.punctuation)]
  return new Map([
    ['classes' as const, unassigned],
    ['Punctuation' as const, new Set(all.filter((one) => /\p{P}/u.test(one) && !punctuation.has(one)))],
    ...changed.map(([form, given]) => {
      const left = given.filter((probe, i) => found.normalized[form][i] === probe)
      return [
        form,
        new Set(left.flatMap((probe) => [...probe].filter((one) => !'\u0301\u0323'.includes(one)))),
      ] as const
    }),
  ])
}

/** Whether the library knows all that it asks of a text's characters, with a tokenizer of these parts. */
export function isKnown(newer: Newer, tokenizer: object, text: string): boolean {
  const parts = JSON.stringify(tokenizer)
  const asked = [...newer].filter(([table]) => table === 'classes' || parts.includes(`"type":"${table}"`))
  return ![...text].some((one) => asked.some(([, unknown]) => unknown.has(one)))
}
