/**
 * node-llama-cpp as a process of its own: reads one JSON request a line, answers each with one line. Arguments: MODEL.gguf THREADS.
 * One answer: { tokens: number[], maxTokens, temperature, seed, lookup: boolean } -> { tokens: number, firstMs, ms }.
 * Logits: { tokens, from, file }, of the tokens from the `from`th on, float32 [tokens - from, vocabulary] into the file -> { rows: number }.
 * Load: { clients: number[][][], maxTokens }, the prompts of each client, who asks them one after another, greedily -> { tokens, ms, firstMs: number[], betweenMs: number[] }.
 */
import { writeFile } from 'node:fs/promises'
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

/** As many sequences of one context as there are clients: it batches them. */
async function load({ clients, maxTokens }) {
  const context = await model.createContext({ contextSize: 512, sequences: clients.length, threads: Number(threads) })
  const seen = { tokens: 0, firstMs: [], betweenMs: [] }
  const client = async (prompts) => {
    const sequence = context.getSequence()
    for (const prompt of prompts) {
      await sequence.clearHistory()
      let count = 0
      let last = performance.now()
      for await (const _ of sequence.evaluate(prompt, { temperature: 0 })) {
        const now = performance.now()
        ;(count === 0 ? seen.firstMs : seen.betweenMs).push(now - last)
        last = now
        if (++count === maxTokens) break
      }
      seen.tokens += count
    }
  }
  const started = performance.now()
  await Promise.all(clients.map(client))
  const ms = performance.now() - started
  await context.dispose()
  return { ...seen, ms }
}

async function logits({ tokens, from, file }) {
  const sequence = contexts[false]
  await sequence.clearHistory()
  const asked = tokens.map((token, i) => (i < from ? token : [token, { generateNext: { logits: true, options: { temperature: 0 } } }]))
  const rows = (await sequence.controlledEvaluate(asked)).slice(from)
  const vocab = rows[0].next.logits.size
  const table = new Float32Array(rows.length * vocab)
  rows.forEach(({ next }, row) => next.logits.forEach((logit, token) => (table[row * vocab + token] = logit)))
  await writeFile(file, table)
  return { rows: rows.length }
}

const kinds = { clients: load, file: logits, lookup: answer }

console.log(JSON.stringify({ ready: true }))
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  const kind = Object.keys(kinds).find((key) => key in request)
  console.log(JSON.stringify(await kinds[kind](request)))
}
process.exit(0)
