/**
 * What the form of an answer is asked for by, on its way to a grammar: short questions are translated at once, long
 * ones in the thread that compiles grammars, so that the event loop goes on.
 */
import { isJsonWithin, parseJson, writeJson } from '../common/json/index.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { AnswerGrammar } from './answer-grammar.js'
import { answerGrammar, type ResponseFormat } from './response-format.js'
import { callGrammar, type CallRules } from './tool-calls.js'

/** A response format, or the calls that an answer may hold. */
export type GrammarQuestion = { format: ResponseFormat } | { calls: CallRules }

/** A grammar, or the question for it as JSON that keeps digits and order. */
export type AskedGrammar = AnswerGrammar | { question: string }

/** Characters, as JSON, of a question that is translated at once: some 20 ms at most, for bounds of many numbers. */
export const SHORT_QUESTION = 512

/** Null for an answer of any form. Throws `InvalidArgumentError` naming the field, for long questions later. */
export function askGrammar(question: GrammarQuestion): AskedGrammar | null {
  if ('format' in question && question.format.type === 'text') return null
  if (isJsonWithin(question, SHORT_QUESTION)) return translated(question)
  try {
    return { question: writeJson(question) }
  } catch (cause) {
    // A value of a caller's own making; nothing that comes as JSON is like that.
    const param = 'format' in question ? 'responseFormat' : 'tools'
    throw new InvalidArgumentError(param, `${param} is too deep or holds itself; write it as JSON, with "$ref"`, {
      cause,
    })
  }
}

/** The grammar of a question that was written as JSON. Throws as `askGrammar` does for short ones. */
export const answerTo = (question: string): AnswerGrammar | null => translated(parseJson(question) as GrammarQuestion)

const translated = (question: GrammarQuestion): AnswerGrammar | null =>
  'format' in question ? answerGrammar(question.format) : callGrammar(question.calls)
