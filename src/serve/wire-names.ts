/**
 * An engine's error in the words of the wire: of the endpoint that was asked, and of the name that the request used
 * where there are several. The engine speaks of `maxTokens`, its client of `max_completion_tokens`.
 */
import type { SamplingDefaults } from '../api/types.js'
import type { Endpoint } from './endpoint.js'

type Names = Readonly<Record<string, string>>

/** Names a request's field has on the wire, where the engine's name differs. */
const WIRE_NAMES: Names = {
  maxTokens: 'max_tokens',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  timeoutMs: 'timeout_ms',
  promptTokens: 'prompt',
  repetitionPenalty: 'repetition_penalty',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  bannedTokens: 'banned_token_ids',
  allowedTokens: 'allowed_token_ids',
  minTokens: 'min_tokens',
  ignoreEos: 'ignore_eos',
  stopTokenIds: 'stop_token_ids',
  responseFormat: 'response_format',
  chatTemplateKwargs: 'chat_template_kwargs',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  draft: 'speculation.draft',
  maxNodes: 'speculation.maxNodes',
  tree: 'speculation.tree',
  verifier: 'speculation.draft',
  choice: 'n',
}

/** A model's defaults by the fields of requests. */
export const wireSampling = (sampling: SamplingDefaults): Record<string, number> =>
  Object.fromEntries(Object.entries(sampling).map(([name, value]) => [WIRE_NAMES[name] ?? name, value as number]))

const OWN_NAMES: Readonly<Record<Endpoint, Names>> = {
  chat: { logprobs: 'top_logprobs' },
  completions: { messages: 'prompt' },
  responses: {
    messages: 'input',
    prompt: 'input',
    promptTokens: 'input',
    maxTokens: 'max_output_tokens',
    responseFormat: 'text.format',
    logprobs: 'top_logprobs',
  },
}

/** Words that are English as well: they are names only where an error begins with them. */
const ENGLISH: ReadonlySet<string> = new Set(['draft', 'tree', 'verifier', 'choice', 'messages', 'prompt', 'logprobs'])

export interface WireWords {
  /** `tools[0].name` -> `tools[0].function.name`. */
  param(name: string): string
  /** A message, in which what it quotes stays as it is. `about`: the engine's name for the field it is about. */
  message(text: string, about: string | null): string
}

/** The words for answers to `body`, a request that came to `endpoint`. */
export function wireWords(endpoint: Endpoint, body: unknown): WireWords {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const names: Names = {
    ...WIRE_NAMES,
    ...OWN_NAMES[endpoint],
    ...(endpoint === 'chat' && isGiven(fields.max_completion_tokens) && { maxTokens: 'max_completion_tokens' }),
  }

  function param(name: string): string {
    const [, head, rest] = /^(\w*)(.*)$/s.exec(name)!
    if (endpoint === 'responses' && head === 'messages') return inputPlace(rest)
    if (endpoint === 'chat') return (Object.hasOwn(names, head) ? names[head] : head) + chatPlace(head, rest)
    return (Object.hasOwn(names, head) ? names[head] : head) + rest
  }

  /** Turns count from the instructions, if there are any; a text for input is one turn. */
  function inputPlace(rest: string): string {
    const [, index, inside] = /^\[(\d+)\](.*)$/s.exec(rest) ?? []
    const turn = Number(index) - (isGiven(fields.instructions) ? 1 : 0)
    if (turn < 0) return 'instructions'
    return index === undefined || !Array.isArray(fields.input) ? 'input' : `input[${turn}]${inside}`
  }

  return {
    param,
    message: (text, about) => {
      const begins = about !== null && text.startsWith(about)
      const rest = begins ? text.slice(about.length) : text
      return (begins ? param(about) : '') + outsideQuotes(rest, (part) => part.replace(NAME, reworded))
    },
  }

  function reworded(name: string): string {
    const [head] = /^\w*/.exec(name)!
    const isName = Object.hasOwn(names, head) && !ENGLISH.has(head)
    return isName || /^(messages|tools)\[/.test(name) ? param(name) : name
  }
}

/** A name, with what lies inside it: `maxTokens`, `messages[1].toolCalls[0].arguments`. */
const NAME = /[a-zA-Z]\w*(?:\[\d+\]|\.[a-zA-Z]\w*)*/g

/** Places inside tools and calls, as chat nests them. */
function chatPlace(head: string, rest: string): string {
  if (head === 'tools') return rest.replace(/^(\[\d+\])\./, '$1.function.')
  return rest.replace(/\.toolCalls\[(\d+)\]\./, '.tool_calls[$1].function.').replace(/\.toolCalls$/, '.tool_calls')
}

/** `change` made in what stands outside of double quotes. */
function outsideQuotes(text: string, change: (part: string) => string): string {
  return text
    .split(/("(?:[^"\\]|\\.)*(?:"|$))/s)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join('')
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null
