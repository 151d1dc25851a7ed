/**
 * node-llama-cpp as a process of its own: reads one JSON request a line, answers each with one line. Arguments: MODEL.gguf THREADS.
 * Request: { tokens: number[], maxTokens, temperature, seed, lookup: boolean }; answer: { tokens: number, firstMs, ms }.
 */
import { createInterface } from 'node:readline'
import { getLlama, InputLookupTokenPredictor, LlamaLogLevel } from 'node-llama-cpp'

const [modelPath, threads] = process.argv.slice(2)
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: Number(threads) })
const model = await llama.loadModel({ modelPath })

/** One context for each way of decoding, so that neither pays for the other. */
const contexts = {}
for (const lookup of [false, true]) {
  const context = await model.createContext({ contextSize: 2048, threads: Number(threads) })
  contexts[lookup] = context.getSequence(lookup ? { tokenPredictor: new InputLookupTokenPredictor() } : {})
}

async function answer({ tokens, maxTokens, temperature, seed, lookup }) {
  const sequence = contexts[lookup]
  await sequence.clearHistory()
  const started = performance.now()
  let count = 0
  let firstMs = 0
  for await (const _ of sequence.evaluate(tokens, { temperature, seed })) {
    if (count === 0) firstMs = performance.now() - started
    if (++count === maxTokens) break
  }
  return { tokens: count, firstMs, ms: performance.now() - started }
}

console.log(JSON.stringify({ ready: true }))
for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(JSON.parse(line))))
process.exit(0)
