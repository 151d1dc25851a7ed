// @process own
/**
 * Every chat template that public packages ship, over conversations of all kinds, rendered by us and by jinja2 in
 * Python as transformers sets it up: the same text, or a refusal by both. `TEMPLATE_PACKAGES` names other packages, as
 * pip does, or paths of archives, separated by blanks. What we refuse by saying that we do not know it is counted, and
 * named.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../src/text/jinja/template.js'
import { publicTemplates, RENDERER } from '../support/public-templates.js'
import { pythonWith } from '../support/python.js'

const PACKAGES = (process.env.TEMPLATE_PACKAGES ?? 'llama-cpp-python==0.3.36 trl==1.16.0').split(/\s+/)
const JINJA = 'jinja2==3.1.6'
const NOW = '2026-02-03T04:05:06'

/** Templates of the families that are read, by how the packages' files are called; OLMo 2's is in neither. */
const FAMILIES: Readonly<Record<string, RegExp>> = {
  'Llama 3.x': /llama-Llama-3\.[123]|llama3_[12]\.jinja/i,
  Mistral: /Mistral-(?:Nemo|Small)/,
  'Qwen 2.5': /Qwen2\.5|qwen2_5\.jinja/,
  'Qwen 3': /Qwen3-0\.6B|qwen3\.jinja|qwen3_instruct_2507\.jinja/,
  'Gemma 2': /gemma-2-|\/gemma\.jinja/,
  'Gemma 3': /gemma3\.jinja/,
  'Phi-3': /Phi-3|phi3(?:_5)?\.jinja/,
  SmolLM3: /SmolLM3/,
  'Granite 3': /granite-3\./,
}

type Outcome = { text: string } | { error: string }

const call = (id: string, name: string, args: object): object => ({
  id,
  type: 'function',
  function: { name, arguments: args },
})
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather at a place, "now" or <later>',
      parameters: {
        type: 'object',
        properties: {
          city: { type: 'string', description: "the city's name" },
          unit: { type: 'string', enum: ['°C', '°F'], default: '°C' },
          days: { type: ['integer', 'null'], minimum: 1 },
          where: { type: 'object', properties: { lat: { type: 'number' }, tags: { type: 'array', items: {} } } },
        },
        required: ['city'],
      },
    },
  },
  { type: 'function', function: { name: 'now', description: '', parameters: { type: 'object', properties: {} } } },
]
const user = (content: string): object => ({ role: 'user', content })
const system = { role: 'system', content: 'Be brief, <kind> & "exact".' }
const turns = [user(' Grüße, 漢字 😀\n'), { role: 'assistant', content: 'Yes.\n' }, user("and it's a/b?")]
const thinking = { role: 'assistant', content: '<think>\nhm, 2 < 3\n</think>\n\nFour.' }
const called = [
  user('Weather in Paris and Rome?'),
  {
    role: 'assistant',
    content: '',
    tool_calls: [
      call('call00001', 'get_weather', { city: 'Paris', days: 2, where: { lat: 48.5, tags: ['a', null, true] } }),
      call('call00002', 'get_weather', { city: 'Rome "Roma"', unit: '°C' }),
    ],
  },
  { role: 'tool', tool_call_id: 'call00001', name: 'get_weather', content: '{"sky": "clear", "t": 21.5}' },
  { role: 'tool', tool_call_id: 'call00002', name: 'get_weather', content: 'rain' },
]
/** Conversations as templates are given them; what stands behind the answer's beginning is asked for or not. */
const CONVERSATIONS: Record<string, object> = {
  'one turn': { messages: [user('Hi')] },
  'no answer wanted': { messages: turns.slice(0, 2), add_generation_prompt: false },
  'several turns': { messages: turns },
  'a system turn': { messages: [system, ...turns] },
  'a developer turn': { messages: [{ role: 'developer', content: 'Be brief.' }, user('Hi')] },
  'a turn that thinks': { messages: [user('2 + 2?'), thinking, user('and 3 + 3?')] },
  'thinking beside the answer': {
    messages: [user('2 + 2?'), { role: 'assistant', content: 'Four.', reasoning_content: 'hm' }, user('and 3 + 3?')],
  },
  'thinking on': { messages: [system, user('Hi')], enable_thinking: true, thinking: true },
  'thinking off': { messages: [system, user('Hi')], enable_thinking: false, thinking: false },
  tools: { messages: [system, user('Weather in Paris?')], tools },
  'tools without a system turn': { messages: [user('Weather in Paris?')], tools },
  'calls and results': { messages: [system, ...called], tools },
  'calls, results and an answer': { messages: [...called, { role: 'assistant', content: 'Rain.' }, user('?')], tools },
  'calls without tools': { messages: called },
  'a call with thinking': {
    messages: [called[0], { ...called[1], content: '<think>\nwhich?\n</think>\n\nI look.' }, ...called.slice(2)],
    tools,
  },
  'parts of text': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: '!' },
        ],
      },
    ],
  },
  'an empty turn': { messages: [user('')] },
  'two turns of one role': { messages: [user('a'), user('b')] },
  'an answer first': { messages: [{ role: 'assistant', content: 'Hello' }, user('Hi')] },
  'no turns': { messages: [] },
}
const FILLED = Object.values(CONVERSATIONS).map((one) => ({
  documents: null,
  tools: null,
  bos_token: '<s>',
  eos_token: '</s>',
  pad_token: '<pad>',
  unk_token: '<unk>',
  add_generation_prompt: true,
  ...one,
}))

function ours(source: string, values: object): Outcome {
  try {
    return { text: compile(source).render(values as Record<string, unknown>, new Date(NOW)) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

function theirs(bin: string, sources: readonly string[]): Outcome[][] {
  const { status, stdout, stderr } = spawnSync(join(bin, 'python'), ['-c', RENDERER], {
    encoding: 'utf8',
    input: JSON.stringify({ now: NOW, templates: sources, conversations: FILLED }),
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`Python cannot render the templates: ${stderr.slice(-800)}`)
  return JSON.parse(stdout) as Outcome[][]
}

const templates = suite('templates')

templates('every public template has the text that jinja2 gives it, or is refused by both', () => {
  const environment = pythonWith(JINJA)
  if ('reason' in environment)
    throw new Error(`this suite needs python3 with ${JINJA}: ${environment.reason}; install Python 3 with venv`)
  const all = publicTemplates(environment.bin, PACKAGES)
  const expected = theirs(
    environment.bin,
    all.map(({ source }) => source),
  )
  const counts = { alike: 0, 'refused by both': 0, 'refused by us alone': 0, different: 0 }
  const byFamily = new Map(Object.keys(FAMILIES).map((family) => [family, { templates: new Set<string>(), alike: 0 }]))
  const faults: string[] = []
  all.forEach(({ name, source }, i) =>
    Object.keys(CONVERSATIONS).forEach((conversation, j) => {
      const [right, got] = [expected[i][j], ours(source, FILLED[j])]
      const about = `${name}, ${conversation}`
      if ('error' in right && 'error' in got) counts['refused by both'] += 1
      else if ('text' in right && 'text' in got && right.text === got.text) {
        counts.alike += 1
        for (const [family, { templates, ...rest }] of byFamily)
          if (FAMILIES[family].test(name))
            byFamily.set(family, { templates: templates.add(name), alike: rest.alike + 1 })
      } else if ('error' in got) {
        counts['refused by us alone'] += 1
        faults.push(`${about}: ${got.error}`)
      } else {
        counts.different += 1
        faults.push(
          `${about}:\n${'error' in right ? right.error : JSON.stringify(right.text)}\n${JSON.stringify(got.text)}`,
        )
      }
    }),
  )
  console.log(
    `${all.length} templates of ${PACKAGES.join(', ')}, ${FILLED.length} conversations: ${JSON.stringify(counts)}`,
  )
  for (const [family, { templates, alike }] of byFamily)
    console.log(`${family}: ${templates.size} templates, ${alike} texts alike`)
  assert.is(faults.slice(0, 20).join('\n\n'), '')
  if (process.env.TEMPLATE_PACKAGES === undefined)
    for (const [family, { alike }] of byFamily) assert.ok(alike > 0, `no template of ${family} was rendered`)
  assert.ok(counts.alike > all.length, 'hardly any template was rendered')
})

templates.run()
