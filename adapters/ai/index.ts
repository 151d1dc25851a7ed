/**
 * The Vercel AI SDK adapter: a provider whose models run in this process.
 *
 * ```ts
 * const sequoia = createSequoia({ engine })
 * const { text } = await generateText({ model: sequoia('smollm2-135m'), prompt: 'Hi' })
 * ```
 */
import { createOpenAICompatible, type OpenAICompatibleProvider } from '@ai-sdk/openai-compatible'
import { IN_PROCESS_URL, inProcessFetch, type InProcessOptions } from '../fetch/in-process.js'

/** Options of the provider. */
export type SequoiaOptions = InProcessOptions

/**
 * A provider for one engine. No HTTP is spoken: the SDK's own OpenAI-compatible provider talks to the engine's protocol
 * by function calls, so that every request field means what it means over HTTP. Fields that the SDK has no name for go
 * into `providerOptions.sequoia`, as on the wire (`min_p`, `speculation`). Throws `InvalidArgumentError` for a wrong
 * option.
 */
export function createSequoia(options: SequoiaOptions): OpenAICompatibleProvider {
  return createOpenAICompatible({
    name: 'sequoia',
    baseURL: IN_PROCESS_URL,
    fetch: inProcessFetch(options),
    includeUsage: true,
    supportsStructuredOutputs: true,
  })
}
