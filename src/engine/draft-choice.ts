/** What the `draft` option means: no drafting, n-grams, or a model by name or path. */

export type DraftChoice = { kind: 'none' } | { kind: 'ngram' } | { kind: 'model'; source: string }

/** The best draft there is for a target, where one ships. */
const SHIPPED: Readonly<Record<string, string>> = { micro: 'micro-draft' }

export function draftChoice(draft: string, target: string): DraftChoice {
  if (draft === 'none' || draft === 'ngram') return { kind: draft }
  if (draft === 'auto' || draft === 'model') return target in SHIPPED ? { kind: 'model', source: SHIPPED[target] } : { kind: 'ngram' }
  return { kind: 'model', source: draft.startsWith('model:') ? draft.slice('model:'.length) : draft }
}
