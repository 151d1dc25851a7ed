/**
 * node-llama-cpp as a process of its own: reads one JSON request a line, answers each with one line, errors included.
 * Argument: THREADS. Opening a model, first of all: { open: FILE, contextSize?, batchSize? } -> { opened: true }. One
 * answer: { tokens: number[], maxTokens, temperature, seed, lookup: boolean } -> { tokens: number, firstMs, ms, bytes
 * }, the bytes being those read from the disk after the first token (on Linux). Logits: { tokens, from, file }, of the
 * tokens from the `from`th on, float32 [tokens - from, vocabulary] into the file -> { rows: number }. Load: { clients:
 * number[][][], maxTokens }, the prompts of each client, who asks them one after another, greedily -> { tokens, ms,
 * firstMs: number[], betweenMs: number[] }.
 */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { getLlama, InputLookupTokenPredictor, LlamaLogLevel } from 'node-llama-cpp'

const threads = Number(process.argv[2])
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: threads })
let model
let sizes

/** One context for each way of decoding, made when it is first wanted, so that neither pays for the other. */
const sequences = {}
async function sequenceOf(lookup) {
  sequences[lookup] ??= (await model.createContext({ ...sizes, threads })).getSequence(
    lookup ? { tokenPredictor: new InputLookupTokenPredictor() } : {},
  )
  return sequences[lookup]
}

async function open({ open: modelPath, contextSize = 2048, batchSize, vocabOnly = false }) {
  sizes = { contextSize, batchSize }
  await model?.dispose()
  model = await llama.loadModel({ modelPath, vocabOnly })
  return { opened: true }
}

async function answer({ tokens, maxTokens, temperature, seed, lookup }) {
  const sequence = await sequenceOf(lookup)
  await sequence.clearHistory()
  const started = performance.now()
  let count = 0
  let firstMs = 0
  let firstBytes = 0
  for await (const _ of sequence.evaluate(tokens, { temperature, seed })) {
    if (count === 0) [firstMs, firstBytes] = [performance.now() - started, bytesRead()]
    if (++count === maxTokens) break
  }
  return { tokens: count, firstMs, ms: performance.now() - started, bytes: bytesRead() - firstBytes }
}

function bytesRead() {
  if (process.platform !== 'linux') return 0
  return Number(/^read_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))[1])
}

/** As many sequences of one context as there are clients: it batches them. */
async function load({ clients }) {
  const context = await model.createContext({ contextSize: 512, sequences: clients.length, threads })
  const seen = { tokens: 0, ms: 0, firstMs: [], betweenMs: [] }
  const client = async (questions) => {
    const sequence = context.getSequence()
    for (const { prompt, maxTokens } of questions) {
      await sequence.clearHistory()
      let count = 0
      let last = performance.now()
      for await (const _ of sequence.evaluate(prompt, { temperature: 0 })) {
        const now = performance.now()
        if (seen.ms === 0) {
          ;(count === 0 ? seen.firstMs : seen.betweenMs).push(now - last)
          seen.tokens += 1
        }
        last = now
        if (++count === maxTokens) break
      }
    }
    seen.ms ||= performance.now() - started
  }
  const started = performance.now()
  await Promise.all(clients.map(client))
  await context.dispose()
  return seen
}

async function logits({ tokens, from, file }) {
  const sequence = await sequenceOf(false)
  await sequence.clearHistory()
  const asked = tokens.map((token, i) =>
    i < from ? token : [token, { generateNext: { logits: true, options: { temperature: 0 } } }],
  )
  const rows = (await sequence.controlledEvaluate(asked)).slice(from)
  const vocab = rows[0].next.logits.size
  const table = new Float32Array(rows.length * vocab)
  rows.forEach(({ next }, row) => next.logits.forEach((logit, token) => (table[row * vocab + token] = logit)))
  await writeFile(file, table)
  return { rows: rows.length }
}

async function tokenize({ texts, special }) {
  return { ids: texts.map((text) => [...model.tokenize(text, special)]) }
}

const kinds = { open, texts: tokenize, clients: load, file: logits, lookup: answer }

console.log(JSON.stringify({ ready: true }))
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  const kind = Object.keys(kinds).find((key) => key in request)
  console.log(JSON.stringify(await kinds[kind](request).catch((error) => ({ error: error.message }))))
}
process.exit(0)
