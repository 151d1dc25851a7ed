/** Which drafter requests get that name none, and what people call it. */
import type { DraftChoice } from './draft-choice.js'

/** `key` is the drafter's name in the engine, `shown` is for people. */
export function defaultDraft(choice: DraftChoice, modelName: string | undefined): { key: string; shown: string } {
  if (choice.kind === 'own') return { key: choice.name, shown: choice.name }
  if (choice.kind !== 'model') return { key: choice.kind, shown: choice.kind }
  return choice.withNgrams ? { key: 'merged', shown: `${modelName} + ngram` } : { key: 'model', shown: `${modelName}` }
}
