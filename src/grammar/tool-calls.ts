/**
 * Calls of tools to grammar text: names of given tools only, arguments by each one's JSON schema, in the form the model
 * writes calls in.
 */
import { InvalidArgumentError } from '../spec/errors.js'
import type { Tool } from '../text/text.js'
import type { CallFormat } from '../text/text.js'
import type { AnswerGrammar } from './answer-grammar.js'
import { callTexts } from './call-counter.js'
import { faultOf } from './check-text.js'
import { anyOf, literal } from './ebnf.js'
import { COMMON } from './json-rules.js'
import { schemaRules, type SchemaRules } from './json-schema.js'
import { ALONE, shown, type Schema } from './schema-keywords.js'
import { resolveRef } from './schema-refs.js'

export interface CallRules {
  format: CallFormat
  tools: readonly Tool[]
  /** The answer is calls; else it is free text, that calls may follow. */
  required: boolean
  /** Whether there may be more than one call. */
  several: boolean
}

const NO_ARGUMENTS = { type: 'object', additionalProperties: false }

/** Throws `InvalidArgumentError` naming the tool whose parameters no grammar can keep. */
export function callGrammar({ format, tools, required, several }: CallRules): AnswerGrammar {
  const { open, middle, next, close, marker, leads } = format
  const written = tools.map(({ parameters = NO_ARGUMENTS }, i) => argumentRules(parameters, i))
  const call = anyOf(tools.map(({ name }, i) => `${literal(name + middle)} ${written[i].root}`))
  const more = several && next !== null ? ` (${literal(next)} call)*` : ''
  const tags = [`(${literal(marker)}, marked)`, ...leads.map((lead) => `(${literal(lead)}, led)`)]
  const root = required
    ? `${literal(open)} calls`
    : `TagDispatch(${tags.join(', ')}, stop_eos=true, loop_after_dispatch=false)`
  const rest = open.slice(marker.length)
  const text = [
    `root ::= ${root}`,
    ...(required ? [] : [`marked ::= ${rest ? `${literal(rest)} ` : ''}calls`]),
    ...(required || leads.length === 0 ? [] : [`led ::= ${literal(open)} calls`]),
    `calls ::= call${more} ${literal(close)}`,
    `call ::= ${call}`,
    ...written.flatMap(({ rules }) => rules),
    ...COMMON,
  ].join('\n')
  const fault = faultOf(text)
  if (fault) throw new InvalidArgumentError('tools', `tools cannot be used: ${fault}`)
  if (written.every(({ bounds }) => bounds === null)) return { text, counted: null }
  const texts = callTexts(
    format,
    tools.map(({ name }, i) => ({ name, bounds: written[i].bounds })),
  )
  return { text, counted: { calls: texts } }
}

/** Arguments are an object, whatever else the schema says. */
function argumentRules(parameters: object, index: number): SchemaRules {
  const param = `tools[${index}].parameters`
  try {
    return schemaRules(asObject(parameters, param), `t${index}`)
  } catch (error) {
    throw error instanceof InvalidArgumentError ? new InvalidArgumentError(param, `${param}: ${error.message}`) : error
  }
}

function asObject(parameters: object, param: string): object {
  const schema = parameters as Schema
  const fail = (why: string): Error => new InvalidArgumentError(param, `must describe an object: ${why}`)
  const meant = schema.$ref === undefined ? schema : resolveRef(schema, schema.$ref, fail)
  if (typeof meant !== 'object' || meant === null) throw fail(`"$ref" points at ${shown(meant)}`)
  const alone = ALONE.find((keyword) => Object.hasOwn(meant, keyword))
  if (alone) throw fail(`give "properties" in place of "${alone}" at its top`)
  const { type } = meant as Schema
  if (type !== undefined && type !== 'object') throw fail(`its type is ${shown(type)}`)
  return type === undefined && meant === schema ? { ...schema, type: 'object' } : schema
}
