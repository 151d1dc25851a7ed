/** JSON of any form as rules of a grammar. */
import { ANY_PLAIN } from './json-text.js'
import { ANY_NUMBER } from './number-range.js'

/**
 * Rules that every schema's grammar may use. A string's plain characters are a repeated class inside one rule: what
 * tokens may come there the library finds once; as a rule of its own each character would cost it all tokens anew.
 */
export const COMMON = [
  'ws ::= "" | " " | "\\n" [ \\t]{0,20}',
  'colon ::= ":" | ": "',
  'hex ::= [0-9A-Fa-f]',
  'escape ::= "\\\\" (["\\\\/bfnrt] | "u" ([0-9A-Ca-cEFef] hex | [Dd] [0-7]) hex hex)',
  'string ::= "\\"" chars',
  `chars ::= ${ANY_PLAIN}* "\\"" | ${ANY_PLAIN}* escape chars`,
  `number ::= ${ANY_NUMBER}`,
  'member ::= string colon value',
  'object ::= "{" ws (member (ws "," ws member)* ws)? "}"',
  'array ::= "[" ws (value (ws "," ws value)* ws)? "]"',
  'value ::= object | array | string | number | "true" | "false" | "null"',
]

/** Any JSON object. */
export const JSON_OBJECT = ['root ::= object', ...COMMON].join('\n')
