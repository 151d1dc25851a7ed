/** What form an answer may be asked to have, and the grammar of each. */
import { InvalidArgumentError } from '../spec/errors.js'
import { show } from '../spec/check-values.js'
import { plainGrammar, type AnswerGrammar } from './answer-grammar.js'
import { faultOf } from './check-text.js'
import { hasHalfCharacter } from './ebnf.js'
import { COMMON, JSON_OBJECT } from './json-rules.js'
import { schemaRules } from './json-schema.js'
import { choiceExpression, regexExpression } from './regex.js'

/**
 * The form of an answer. `json_schema` takes what docs/structured-output.md lists; `regex` is matched by the whole
 * answer (ECMAScript syntax); `grammar` is EBNF with a rule `root`, as llama.cpp's GBNF has it.
 */
export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | { type: 'json_schema'; schema: object | boolean }
  | { type: 'regex'; pattern: string }
  | { type: 'choice'; choices: readonly string[] }
  | { type: 'grammar'; grammar: string }

/** Null for an answer of any form. Throws `InvalidArgumentError` naming `responseFormat`. */
export function answerGrammar(format: ResponseFormat): AnswerGrammar | null {
  if (format?.type === 'json_schema') {
    const { root, rules, bounds } = schemaRules(format.schema)
    return checked({ text: [`root ::= ${root}`, ...rules, ...COMMON].join('\n'), counted: bounds && { json: bounds } })
  }
  const text = textOf(format)
  return text === null ? null : checked(plainGrammar(text))
}

function checked(grammar: AnswerGrammar): AnswerGrammar {
  const fault = faultOf(grammar.text)
  if (fault) throw refused(fault)
  return grammar
}

function textOf(format: Exclude<ResponseFormat, { type: 'json_schema' }>): string | null {
  switch (format?.type) {
    case 'text':
      return null
    case 'json_object':
      return JSON_OBJECT
    case 'regex':
      if (typeof format.pattern !== 'string')
        throw refused(`a regex has a "pattern", a string; got ${show(format.pattern)}`)
      return `root ::= ${regexExpression(format.pattern, {
        fail: (why) => refused(`the pattern ${show(format.pattern)} ${why}`),
      })}`
    case 'choice':
      if (
        !Array.isArray(format.choices) ||
        format.choices.length === 0 ||
        format.choices.some((choice) => typeof choice !== 'string' || choice === '')
      ) {
        throw refused(`a choice has "choices", a list of non-empty strings; got ${show(format.choices)}`)
      }
      assertWhole(format.choices.find(hasHalfCharacter), 'the choice')
      return `root ::= ${choiceExpression(format.choices)}`
    case 'grammar':
      if (typeof format.grammar !== 'string')
        throw refused(`a grammar has a "grammar", its text; got ${show(format.grammar)}`)
      assertWhole([format.grammar].find(hasHalfCharacter), 'the grammar')
      return format.grammar
    default:
      throw refused(
        'its type must be text, json_object, json_schema, regex, choice or grammar; got ' +
          show((format as { type?: unknown } | null)?.type),
      )
  }
}

/** No text has bytes for half a surrogate pair. */
function assertWhole(broken: string | undefined, what: string): void {
  if (broken !== undefined)
    throw refused(`${what} ${show(broken)} has half a character (a surrogate without its other half)`)
}

const refused = (why: string): InvalidArgumentError =>
  new InvalidArgumentError('responseFormat', `responseFormat cannot be used: ${why}`)
