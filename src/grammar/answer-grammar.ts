/** What an answer keeps to: a grammar, and what is counted beside it. */
import type { Bounds } from './json-bounds.js'
import { JsonCounter, type Counter } from './json-counter.js'

export interface AnswerGrammar {
  /** In the EBNF that the grammar library reads, with a rule `root`. */
  text: string
  /** Makes a counter at the beginning of an answer; null: nothing is counted. */
  counter: (() => Counter) | null
}

export const counterOf = (bounds: Bounds | null): AnswerGrammar['counter'] => bounds && (() => new JsonCounter(bounds))

/** A grammar beside which nothing is counted. */
export const plainGrammar = (text: string): AnswerGrammar => ({ text, counter: null })
