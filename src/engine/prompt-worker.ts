/** The thread that `PromptEncoder` starts: prompts in, their tokens out, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import type { EngineInfo } from '../api/types.js'
import { parseJson } from '../common/json/index.js'
import { errorData, type ErrorData } from '../spec/error-data.js'
import { openText, type TextSource } from '../text/open-text.js'
import type { Tool } from '../text/text.js'
import { encodePrompt, type PromptFields } from './prompt-tokens.js'

export interface PromptWorkerData {
  source: TextSource
  bosToken: number | null
  info: Pick<EngineInfo, 'model' | 'vocabSize'>
}

export interface PromptQuestion {
  request: Pick<PromptFields, 'messages' | 'prompt' | 'chatTemplateKwargs'>
  /** The tools that the model is told of, as JSON that keeps digits and order; null: none. */
  shown: string | null
  mostTokens: number
}

export type PromptAnswer = { id: number } & ({ tokens: number[] } | { error: ErrorData })

const { source, bosToken, info } = workerData as PromptWorkerData
let opened: ReturnType<typeof openText> | null = null
let last = Promise.resolve()

async function answerTo({
  request,
  shown,
  mostTokens,
}: PromptQuestion): Promise<{ tokens: number[] } | { error: ErrorData }> {
  try {
    const tools = shown === null ? null : { shown: parseJson(shown) as Tool[] }
    opened ??= openText(source)
    const parts = { ...(await opened), bosToken }
    return { tokens: encodePrompt(parts, info, request, tools, mostTokens) }
  } catch (error) {
    // Files that could not be read may be there the next time.
    await opened?.catch(() => (opened = null))
    return { error: errorData(error) }
  }
}

parentPort!.on('message', ({ id, ...question }: PromptQuestion & { id: number }) => {
  last = last.then(async () => parentPort!.postMessage({ id, ...(await answerTo(question)) }))
})
