/** What an answer keeps to: a grammar, and what is counted beside it. Plain data, as threads pass them on. */
import { CallCounter, type CallTexts } from './call-counter.js'
import type { Bounds } from './json-bounds.js'
import { JsonCounter, type Counter } from './json-counter.js'

export interface AnswerGrammar {
  /** In the EBNF that the grammar library reads, with a rule `root`. */
  text: string
  /** Null: nothing is counted. */
  counted: Counted | null
}

/** The lengths of a JSON text, or those of calls' arguments. */
export type Counted = { json: Bounds } | { calls: CallTexts }

/** A counter at the beginning of an answer. */
export const counterOf = (counted: Counted): Counter =>
  'json' in counted ? new JsonCounter(counted.json) : new CallCounter(counted.calls)

/** A grammar beside which nothing is counted. */
export const plainGrammar = (text: string): AnswerGrammar => ({ text, counted: null })
