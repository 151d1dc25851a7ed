/** What form an answer may be asked to have, and the grammar text of each. */
import { InvalidArgumentError } from '../spec/errors.js'
import { show } from '../spec/values.js'
import { faultOf } from './check-text.js'
import { JSON_OBJECT, schemaGrammar } from './json-schema.js'
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

/** Grammar text, or null for an answer of any form. Throws `InvalidArgumentError` naming `responseFormat`. */
export function grammarText(format: ResponseFormat): string | null {
  const text = write(format)
  const fault = text === null ? null : faultOf(text)
  if (fault) throw refused(fault)
  return text
}

function write(format: ResponseFormat): string | null {
  switch (format?.type) {
    case 'text':
      return null
    case 'json_object':
      return JSON_OBJECT
    case 'json_schema':
      return schemaGrammar(format.schema)
    case 'regex':
      if (typeof format.pattern !== 'string')
        throw refused(`a regex has a "pattern", a string; got ${show(format.pattern)}`)
      return `root ::= ${regexExpression(format.pattern, { fail: (why) => refused(`the pattern ${show(format.pattern)} ${why}`) })}`
    case 'choice':
      if (
        !Array.isArray(format.choices) ||
        format.choices.length === 0 ||
        format.choices.some((choice) => typeof choice !== 'string' || choice === '')
      ) {
        throw refused(`a choice has "choices", a list of non-empty strings; got ${show(format.choices)}`)
      }
      return `root ::= ${choiceExpression(format.choices)}`
    case 'grammar':
      if (typeof format.grammar !== 'string')
        throw refused(`a grammar has a "grammar", its text; got ${show(format.grammar)}`)
      return format.grammar
    default:
      throw refused(
        `its type must be text, json_object, json_schema, regex, choice or grammar; got ${show((format as { type?: unknown } | null)?.type)}`,
      )
  }
}

const refused = (why: string): InvalidArgumentError =>
  new InvalidArgumentError('responseFormat', `responseFormat cannot be used: ${why}`)
