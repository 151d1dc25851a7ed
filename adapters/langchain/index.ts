/**
 * The LangChain adapter: a chat model that runs in this process.
 *
 * ```ts
 * const model = chatSequoia({ engine, temperature: 0 })
 * const { content } = await model.invoke('Hi')
 * ```
 */
import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { IN_PROCESS_URL, inProcessFetch, type InProcessOptions } from '../fetch/in-process.js'

/** Fields that say where a model is: settled here, so refused from callers. */
const SETTLED = ['configuration', 'apiKey', 'useResponsesApi'] as const

/** Fields of LangChain's own chat model but those that say where it is, and the engine with its names. */
export type SequoiaOptions = Omit<ChatOpenAIFields, (typeof SETTLED)[number]> & InProcessOptions

/**
 * LangChain's own OpenAI chat model on an engine of this process: no HTTP is spoken, and every request field means what
 * it means over HTTP. `model` defaults to the engine's; fields that LangChain has no name for go into `modelKwargs`, as
 * on the wire (`min_p`, `speculation`). Throws `InvalidArgumentError` for a wrong option.
 */
export function chatSequoia({ engine, name, aliases, onError, ...fields }: SequoiaOptions): ChatOpenAI {
  const settled = SETTLED.find((field) => field in fields)
  if (settled) throw new InvalidArgumentError(settled, `${settled} is settled by the engine; leave it out`)
  const fetch = inProcessFetch({ engine, name, aliases, onError })
  const chat = new ChatOpenAI({
    model: name ?? engine.info.model,
    ...fields,
    apiKey: 'none',
    useResponsesApi: false,
    configuration: { baseURL: IN_PROCESS_URL, fetch },
  })
  // LangChain would ask a server for OpenAI's token tables.
  chat.getNumTokens = async (content) => {
    const text =
      typeof content === 'string' ? content : content.map((part) => ('text' in part ? String(part.text) : '')).join('')
    return text === '' ? 0 : (await engine.encode({ prompt: text })).length
  }
  return chat
}
