/**
 * What the `draft` option means: no drafting, n-grams, a drafter that came with the options, or a model by name or
 * path.
 */
import { featureBasis, formatNamed } from '../formats/index.js'
import type { CheckedOptions } from './check-options.js'

export type DraftChoice =
  | { kind: 'none' }
  | { kind: 'ngram' }
  | { kind: 'own'; name: string }
  /** `withNgrams`: it takes turns with n-grams, and guesses of theirs are hung onto its trees. */
  | { kind: 'model'; source: string; withNgrams: boolean }

/** The best draft there is for a target, where one ships. */
const SHIPPED: Readonly<Record<string, string>> = {
  micro: 'micro-draft',
  'smollm2-135m': 'smollm2-135m-draft',
  'smollm2-135m-hf': 'smollm2-135m-draft',
}
/** Those that read the target's features in the rotated basis. */
const READS_FEATURES = new Set(['smollm2-135m-draft'])

/** `sibling`: a smaller model that was found for the target. */
type Chosen = Pick<CheckedOptions, 'draft' | 'drafters' | 'target' | 'format' | 'sibling'>

/** Whether nobody says what guesses, and nothing ships for the target that could. */
export function isDraftOpen(options: Chosen): boolean {
  return (options.draft === 'auto' || options.draft === 'model') && SHIPPED[options.target] === undefined
}

export function draftChoice({ draft, drafters, target, format, sibling }: Chosen): DraftChoice {
  if (draft === 'none' || draft === 'ngram') return { kind: draft }
  if (drafters.some(({ name }) => name === draft)) return { kind: 'own', name: draft }
  if (draft === 'auto' || draft === 'model') {
    const shipped = SHIPPED[target]
    const fits =
      shipped !== undefined && (featureBasis(formatNamed(format)) === 'rotated' || !READS_FEATURES.has(shipped))
    const source = fits ? shipped : sibling
    return source === null ? { kind: 'ngram' } : { kind: 'model', source, withNgrams: draft === 'auto' }
  }
  const source = draft.startsWith('model:') ? draft.slice('model:'.length) : draft
  return { kind: 'model', source, withNgrams: false }
}
