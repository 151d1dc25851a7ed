/**
 * Requests of one field each that take the most work: long texts, large grammars, long lists, many values. Another
 * `salt` gives the same again in other words, so that nothing that was kept of the first helps.
 */

export interface WorstInput {
  /** The field, and what fills it. */
  name: string
  /** `chat/completions`, `completions` or `responses`. */
  path: string
  body: Record<string, unknown>
}

/** Longest text a field is given; a body may have a megabyte. */
const TEXT = 900_000
const LIST = 60_000

const WORDS = 'the quick brown fox jumps over a lazy dog, 123 times; '
const TEXTS: Record<string, string> = {
  words: WORDS,
  blanks: ' ',
  lines: '\n',
  'one letter': 'a',
  letters: 'xqzjkvbwpmfghd',
  digits: '7',
  emoji: '😀👜',
  marks: '*-=~#',
  'half characters': '\ud83d',
  accents: 'é̈',
  specials: '<|im_start|>',
}

const filled = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length)).slice(0, length)

const chat = (name: string, fields: object): WorstInput => ({
  name,
  path: 'chat/completions',
  body: { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 4, temperature: 0, ...fields },
})

const completion = (name: string, fields: object): WorstInput => ({
  name,
  path: 'completions',
  body: { prompt: 'Hi', max_tokens: 4, temperature: 0, ...fields },
})

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const record = (
  count: number,
  value: (i: number) => unknown,
  name = (i: number): string => `property_${i}`,
): Record<string, unknown> => Object.fromEntries(times(count, (i) => [name(i), value(i)]))
const nested = (depth: number, wrap: (inner: object) => object): object =>
  times(depth, (i) => i).reduce<object>((inner) => wrap(inner), { type: 'null' })
const formats = (name: string, response_format: object, fields: object = {}): WorstInput =>
  chat(`response_format: ${name}`, { response_format, ...fields })

/** `length`: of texts that nearly fill the context, beside those that nearly fill a body; `vocab`: the model's. */
export function worstInputs(length: number, vocab: number, salt: number): WorstInput[] {
  /** A schema or a grammar with it is another one. */
  const mark = `salt${salt}`
  const salted = (schema: object): object => ({
    type: 'object',
    properties: { [mark]: schema },
    required: [mark],
    additionalProperties: false,
  })
  const schema = (name: string, value: object, fields: object = {}): WorstInput =>
    formats(name, { type: 'json_schema', json_schema: { name: 'f', schema: salted(value) } }, fields)
  const ofMany = (name: string, value: object, { $defs }: { $defs: object }): WorstInput =>
    formats(name, { type: 'json_schema', json_schema: { name: 'f', schema: { ...salted(value), $defs } } })
  const tool = (i: number, parameters: object): object => ({
    type: 'function',
    function: { name: `tool_${i}_${mark}`, description: filled(WORDS, 200), parameters },
  })
  const texts = [length, TEXT].flatMap((size) =>
    Object.entries(TEXTS).map(([name, text]) => [`${size} characters of ${name}`, filled(text, size)] as const),
  )
  const objects = { type: 'object', properties: record(300, () => ({ type: 'string', maxLength: 900 })) }
  const strings = (count: number): object => ({
    type: 'object',
    properties: record(count, (i) => ({ type: 'string', maxLength: 1000 + i })),
    required: times(count, (i) => `property_${i}`),
    additionalProperties: false,
  })
  const words = times(3000, (i) => `${filled('abcdefghij', 20)} ${i * 7919} ${mark}`)
  const grammars: Record<string, string> = {
    'chained rules': times(2000, (i) =>
      i === 1999 ? `r${i} ::= "x"` : `${i === 0 ? 'root' : `r${i}`} ::= r${i + 1}`,
    ).join('\n'),
    'many alternatives': `root ::= ${times(4000, (i) => `"word ${i * 7919}"`).join(' | ')}`,
    'nested repetition': 'root ::= a*\na ::= b*\nb ::= c* "x"\nc ::= ([a-z]* " ")* | [a-z ]*',
    'ambiguous sums': 'root ::= e\ne ::= e "+" e | e " " e | [a-z]+ | "(" e ")"',
    'counted rule': 'root ::= word{100}\nword ::= [a-z]{1,100} " "',
    'counts of rules': 'root ::= (a | b | c){90}\na ::= [a-z]{1,90}\nb ::= [a-z ]{1,90}\nc ::= [^x]{1,90}',
    'long text': `root ::= "${filled(WORDS, 150_000)}"`,
  }
  const patterns: Record<string, string> = {
    'nested counts': '((a{1,9}b{1,9}){1,9}c?){1,9}',
    'ambiguous stars': '(a*)*(a|aa|aaa)*(.*a.*)*',
    'many words': times(3000, (i) => `word${i * 7919}`).join('|'),
    'wide classes': '(\\p{L}|\\p{N}|\\s){1,60}'.replaceAll('\\p{L}', '[a-zà-ÿ]').replaceAll('\\p{N}', '[0-9]'),
    'long count': '[a-z]{1,9000}',
    'nested groups': `${'('.repeat(100)}a${')?'.repeat(100)}`,
  }
  return [
    ...texts.flatMap(([name, text]) => [
      completion(`prompt: ${name}`, { prompt: text }),
      chat(`messages: ${name}`, { messages: [{ role: 'user', content: text }] }),
    ]),
    { name: 'input: words', path: 'responses', body: { input: filled(WORDS, length), max_output_tokens: 4 } },
    completion('prompt: echo with logprobs', { prompt: filled(WORDS, length), echo: true }),
    chat('messages: as many as may be', {
      messages: times(4096, (i) => ({ role: i % 2 ? 'assistant' : 'user', content: 'x' })),
    }),
    chat('messages: as many parts as may be', {
      messages: [{ role: 'user', content: times(4096, () => ({ type: 'text', text: 'x' })) }],
    }),
    chat('messages: too many', {
      messages: times(20_000, (i) => ({ role: i % 2 ? 'assistant' : 'user', content: 'x' })),
    }),
    chat('messages: too many parts', {
      messages: [{ role: 'user', content: times(20_000, () => ({ type: 'text', text: 'x' })) }],
    }),
    chat('messages: a long name', { messages: [{ role: 'user', name: filled('n', TEXT), content: 'x' }] }),
    chat('messages: arguments of calls', {
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'c',
              type: 'function',
              function: { name: 'f', arguments: JSON.stringify({ a: filled(WORDS, length) }) },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'c', content: filled('{"a":1}', length) },
      ],
    }),
    completion('prompt: numbers that are no ids', { prompt: times(LIST, () => 0.5) }),
    completion('prompt: a list of texts', { prompt: times(LIST, () => 'x') }),
    completion('stop: a long list', { stop: times(LIST, () => '') }),
    chat('messages: of no role', { messages: times(4000, () => ({ role: 'x', content: 1 })) }),
    chat('messages: many fields', { messages: [{ role: 'user', content: 'x', ...record(4000, (i) => i) }] }),
    chat('metadata: lists', { metadata: times(300_000, () => []) }),
    chat('metadata: many lists', { metadata: times(15_000, () => [1]) }),
    completion('prompt: token ids', { prompt: times(LIST, (i) => i % vocab) }),
    completion('allowed_token_ids: all', { allowed_token_ids: times(vocab, (i) => i) }),
    completion('banned_token_ids: all but one', { banned_token_ids: times(vocab - 1, (i) => i + 1) }),
    completion('banned_token_ids: the same', { banned_token_ids: times(LIST, () => 1) }),
    completion('logit_bias: all', { logit_bias: Object.fromEntries(times(vocab, (i) => [String(i), 1])) }),
    completion('stop: long', { stop: times(16, (i) => `${i}${filled('x', 50_000)}`) }),
    completion('n: 16 with penalties', { n: 16, repetition_penalty: 1.1, frequency_penalty: 0.5, max_tokens: 16 }),
    completion('logprobs: 20 of 16', { n: 16, logprobs: 20, max_tokens: 16 }),
    chat('metadata: deep', { metadata: nested(250, (inner) => ({ a: inner })) }),
    chat('metadata: wide', { metadata: record(30_000, (i) => String(i)) }),
    chat('user: long', { user: filled(WORDS, TEXT) }),
    chat('an unknown field', { [filled('x', TEXT)]: 1 }),
    ...Object.entries(grammars).flatMap(([name, grammar]) => [
      formats(name, { type: 'grammar', grammar: `${grammar}\n${mark} ::= "x"` }),
      formats(
        `${name}, n: 16`,
        { type: 'grammar', grammar: `${grammar}\n${mark}n ::= "x"` },
        { n: 16, temperature: 1, max_tokens: 16 },
      ),
    ]),
    ...Object.entries(patterns).flatMap(([name, pattern]) => [
      formats(name, { type: 'regex', pattern: `(${pattern})|${mark}` }, { max_tokens: 1 }),
      formats(
        `${name}, n: 16`,
        { type: 'regex', pattern: `(${pattern})|n${mark}` },
        { n: 16, temperature: 1, max_tokens: 16 },
      ),
    ]),
    formats('choices', { type: 'choice', choices: words }),
    formats('choices, n: 16', { type: 'choice', choices: words.slice(1) }, { n: 16, max_tokens: 16 }),
    formats('one long choice', { type: 'choice', choices: [mark + filled(WORDS, 60_000)] }),
    formats('json_object, n: 16', { type: 'json_object' }, { n: 16, temperature: 1, max_tokens: 16 }),
    schema('properties of strings', objects),
    schema('lengths', strings(60)),
    schema('lengths, n: 16', strings(61), { n: 16, temperature: 1, max_tokens: 24 }),
    schema('enum', { enum: words.slice(2000) }),
    schema('names', {
      type: 'object',
      properties: record(
        300,
        () => true,
        (i) => filled(`name ${i} `, 500),
      ),
    }),
    schema('many properties', { type: 'object', properties: record(4000, () => ({ type: 'null' })) }),
    schema('enum of objects', { enum: times(800, (i) => ({ a: [i, { b: filled('x', 40) }] })) }),
    schema(
      'deep',
      nested(60, (inner) => ({ type: 'object', properties: { a: inner }, required: ['a'] })),
    ),
    schema('anyOf', { anyOf: times(300, (i) => ({ type: 'object', properties: { [`k${i}`]: { type: 'number' } } })) }),
    schema(
      'anyOf in anyOf',
      nested(10, (inner) => ({ anyOf: [inner, { type: 'array', items: inner }] })),
    ),
    schema('allOf', { allOf: times(200, (i) => ({ type: 'object', properties: { [`k${i}`]: { type: 'string' } } })) }),
    ofMany(
      'chained $refs',
      { $ref: '#/$defs/d0' },
      {
        $defs: record(
          2000,
          (i) => (i === 1999 ? { type: 'null' } : { $ref: `#/$defs/d${i + 1}` }),
          (i) => `d${i}`,
        ),
      },
    ),
    schema('a long property name', { type: 'object', properties: { [filled('p', 5000)]: { type: 'null' } } }),
    schema('items', { type: 'array', items: { type: 'string', maxLength: 8192 }, minItems: 9000, maxItems: 10_000 }),
    schema('bounds of numbers', {
      type: 'array',
      items: { type: 'number', minimum: -1234567.891011, maximum: 98765432.1234 },
      maxItems: 500,
    }),
    schema('a hostile pattern beside a format', { type: 'string', format: 'email', pattern: '^(([a-z@.]+)+)+$' }),
    schema('a long pattern', { type: 'string', pattern: times(1500, (i) => `w${i * 7919}`).join('|') }),
    chat('tools: many', {
      tools: times(64, (i) => tool(i, { type: 'object', properties: record(5, () => ({ type: 'string' })) })),
      tool_choice: 'required',
    }),
    chat('tools: large', { tools: times(4, (i) => tool(i, objects)), tool_choice: 'auto' }),
    chat('tools: n: 16', {
      tools: times(8, (i) => tool(i, strings(5))),
      tool_choice: 'required',
      n: 16,
      max_tokens: 16,
    }),
  ]
}
