/** A worker whose engine costs nothing: `free-worker.ts URL`. What is left is the queue. Sends `ready` when it is. */
import type { GeneratePart } from '../../src/api/answer.js'
import type { GenerateRequest } from '../../src/api/request.js'
import { worker } from '../../src/scale/queue/index.js'
import { scriptedEngine } from '../../test/support/scripted-engine.js'

const { info, ...rest } = scriptedEngine()

async function* generate({ maxTokens = 1 }: GenerateRequest): AsyncGenerator<GeneratePart, void, undefined> {
  for (let i = 0; i < maxTokens; i++) {
    const last = i === maxTokens - 1
    yield { text: 'word ', tokens: [i], accepted: 0, ...(last && { finishReason: 'length' as const }) }
    // A step of a real engine lets others run.
    await new Promise(setImmediate)
  }
}

const engine = { ...rest, info: { ...info, model: 'free' }, generate }
void worker({ redis: process.argv[2], engine, width: 64 }).then(() => process.send!('ready'))
