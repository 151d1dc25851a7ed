/** One answer of an engine that is measured. */
import type { Engine, GenerateRequest, GenerateStats } from '../../api/types.js'
import { InvalidArgumentError } from '../../spec/errors.js'

/** `how`: what of the request is measured. The question is a chat turn where the model has a template. */
export async function decode(
  engine: Engine,
  question: string,
  how: Omit<GenerateRequest, 'messages' | 'prompt'>,
): Promise<GenerateStats> {
  let last: GenerateStats | undefined
  for await (const { stats } of engine.generate({ ...(await asked(engine, question)), ...how })) last = stats
  return last!
}

async function asked(engine: Engine, content: string): Promise<Pick<GenerateRequest, 'messages' | 'prompt'>> {
  const messages = [{ role: 'user' as const, content }]
  try {
    await engine.encode({ messages })
    return { messages }
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { prompt: content }
    throw error
  }
}
