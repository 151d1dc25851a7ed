/** What the `draft` option means: no drafting, n-grams, or a model by name or path. */
import type { CheckedOptions } from './options.js'

export type DraftChoice = { kind: 'none' } | { kind: 'ngram' } | { kind: 'model'; source: string }

/** The best draft there is for a target, where one ships. */
const SHIPPED: Readonly<Record<string, string>> = { micro: 'micro-draft' }

export function draftChoice({ draft, target }: Pick<CheckedOptions, 'draft' | 'target'>): DraftChoice {
  if (draft === 'none' || draft === 'ngram') return { kind: draft }
  if (draft === 'auto' || draft === 'model') {
    const shipped = SHIPPED[target]
    return shipped !== undefined ? { kind: 'model', source: shipped } : { kind: 'ngram' }
  }
  return { kind: 'model', source: draft.startsWith('model:') ? draft.slice('model:'.length) : draft }
}
