/** Which keywords of JSON Schema a grammar can keep, and what they say about the type where `type` is absent. */

export type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'

export type Schema = Readonly<Record<string, unknown>>

/** Keywords about one type; a schema that has them and no `type` means that type. */
export const KEYWORDS_OF: Readonly<Record<'string' | 'number' | 'array' | 'object', readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  object: ['properties', 'required', 'additionalProperties'],
}

/** Each stands alone: it says all that its schema says. */
export const ALONE = ['$ref', 'anyOf', 'oneOf', 'allOf', 'const', 'enum'] as const

const ANNOTATIONS = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
]

const KNOWN: ReadonlySet<string> = new Set(['type', ...ALONE, ...ANNOTATIONS, ...Object.values(KEYWORDS_OF).flat()])

/** The first keyword that no grammar here keeps; false values of switches ask for nothing. */
export function unknownKeyword(schema: Schema): string | undefined {
  return Object.keys(schema).find((keyword) => !KNOWN.has(keyword) && schema[keyword] !== false)
}

/** The keywords beside `keyword` that say something more. */
export function assertionsBeside(schema: Schema, keyword: string): string[] {
  return Object.keys(schema).filter((other) => other !== keyword && !ANNOTATIONS.includes(other))
}

/**
 * Regular expressions of the formats. The 29th of February is left out: which years have it no short expression says.
 */
export const FORMATS: Readonly<Record<string, string>> = {
  date: '[0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)',
  time: '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])',
  'date-time':
    '[0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])',
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  ipv4: '((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])',
  email:
    '[A-Za-z0-9_+-]{1,32}(\\.[A-Za-z0-9_+-]{1,32}){0,3}@[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?){1,3}',
}
