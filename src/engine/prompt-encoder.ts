/**
 * Requests' prompts to tokens: short ones at once, long ones in a thread, so that the event loop goes on. The thread is
 * started, and opens a tokenizer of its own, when the first long prompt comes.
 */
import type { Worker } from 'node:worker_threads'
import type { EngineInfo } from '../api/types.js'
import { AskedThread } from '../common/asked-thread.js'
import { writeJson } from '../common/json/index.js'
import { startThread } from '../common/start-thread.js'
import { errorOfData } from '../spec/error-data.js'
import { RuntimeError, SequoiaError } from '../spec/errors.js'
import { assertCount, assertFits } from '../text/fits.js'
import type { TextSource } from '../text/open-text.js'
import type { ChatMessage } from '../text/text.js'
import type { TextParts } from './parts.js'
import type { PromptAnswer, PromptQuestion, PromptWorkerData } from './prompt-worker.js'
import { encodePrompt, type PromptFields } from './prompt-tokens.js'
import type { CheckedTools } from './check-tools.js'

/** Characters of a prompt that is encoded at once. Blanks and digits take ten times as long as words. */
export const SHORT_CHARACTERS = 2048
/** What a turn of a conversation takes beside its text, in characters that take as long. */
const TURN_CHARACTERS = 32

type Info = Pick<EngineInfo, 'model' | 'vocabSize' | 'maxContext' | 'maxRequests'>

export class PromptEncoder {
  private readonly thread: AskedThread<PromptQuestion, PromptAnswer> | null
  private waiting = 0

  constructor(
    private readonly text: TextParts,
    private readonly info: Info,
  ) {
    const { source } = text
    this.thread = source && new AskedThread({ start: async () => this.start(source), closed, ended })
  }

  /**
   * Token ids of a prompt of at most `mostTokens`, by default the context's. Throws as `encodePrompt` does;
   * `SequoiaError` ('overloaded') where as many long prompts wait as requests may, and 'closed' once it is closed.
   */
  encode(
    request: PromptFields,
    tools: CheckedTools | null,
    mostTokens = this.info.maxContext,
  ): number[] | Promise<number[]> {
    const { maxRequests } = this.info
    if (!this.thread || request.promptTokens || isShort(request, tools))
      return encodePrompt(this.text, this.info, request, tools, mostTokens)
    assertCount(request.messages?.length ?? 0, mostTokens)
    // Only what JSON can hold can be sent to a thread.
    if (request.chatTemplateKwargs) this.text.template?.checkInput('chatTemplateKwargs', request.chatTemplateKwargs)
    if (request.prompt !== undefined) assertFits(this.text.tokenizer, [request.prompt], mostTokens)
    if (this.waiting >= maxRequests)
      throw new SequoiaError('overloaded', `${this.waiting} long prompts are being read already; try again later`, {
        forOwner: 'raise maxQueue',
      })
    return this.encodeApart(this.thread, request, tools, mostTokens)
  }

  /** Ends the thread; prompts that are not encoded yet fail. */
  async close(): Promise<void> {
    await this.thread?.close()
  }

  private async encodeApart(
    thread: AskedThread<PromptQuestion, PromptAnswer>,
    { messages, prompt, chatTemplateKwargs }: PromptFields,
    tools: CheckedTools | null,
    mostTokens: number,
  ): Promise<number[]> {
    this.waiting += 1
    try {
      const answer = await thread.ask({
        request: { messages: messages?.map(turnOf), prompt, chatTemplateKwargs },
        shown: tools && writeJson(tools.shown),
        mostTokens,
      })
      if ('error' in answer) throw errorOfData(answer.error)
      return answer.tokens
    } finally {
      this.waiting -= 1
    }
  }

  private start(source: TextSource): Worker {
    const { model, vocabSize } = this.info
    const data: PromptWorkerData = { source, bosToken: this.text.bosToken, info: { model, vocabSize } }
    return startThread(import.meta.url, 'prompt-worker', { workerData: data, name: 'sequoia prompts' })
  }
}

const closed = (): SequoiaError =>
  new SequoiaError('closed', 'the engine was closed before the prompt was read; open another one')
const ended = (cause: unknown): RuntimeError =>
  new RuntimeError(`the thread that reads long prompts ended: ${String(cause)}`, { cause })

/** A turn's own fields: whatever else a caller's object has may be nothing that a thread can be sent. */
const turnOf = ({ role, content, reasoning, toolCalls, toolCallId }: ChatMessage): ChatMessage => ({
  role,
  content,
  reasoning,
  toolCalls: toolCalls?.map(({ id, name, arguments: args }) => ({ id, name, arguments: args })),
  toolCallId,
})

/** Looks no further than what is short. */
function isShort({ messages = [], prompt = '' }: PromptFields, tools: CheckedTools | null): boolean {
  let left = SHORT_CHARACTERS - prompt.length
  for (const { content, reasoning = '', toolCalls = [] } of messages) {
    left -= TURN_CHARACTERS + content.length + reasoning.length
    for (const call of toolCalls) left -= TURN_CHARACTERS + call.arguments.length
    if (left < 0) return false
  }
  for (const tool of tools?.shown ?? []) {
    left -= writeJson(tool).length
    if (left < 0) return false
  }
  return left >= 0
}
