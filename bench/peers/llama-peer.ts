/** node-llama-cpp beside our engine: its own process, so that neither's threads or memory are the other's. */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { JsonProcess } from '../json-process.js'
import { bestThreads } from './best-threads.js'

export interface PeerRequest {
  tokens: readonly number[]
  maxTokens: number
  temperature: number
  seed: number
  /** With its prompt-lookup predictor. */
  lookup: boolean
}

export interface PeerAnswer {
  tokens: number
  firstMs: number
  ms: number
}

/** What each client asks, one after another; greedy. */
export interface PeerLoad {
  clients: readonly (readonly { prompt: readonly number[]; maxTokens: number }[])[]
}

/** Of all clients together: latencies in milliseconds. */
export interface PeerLoadResult {
  tokens: number
  ms: number
  firstMs: number[]
  betweenMs: number[]
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** The command of its process (`llama.js` says what that answers). */
export function llamaCommand(threads: number): string[] {
  return [process.execPath, `${FOLDER}llama.js`, String(threads)]
}

export class LlamaPeer {
  /** Says how to have it where it is not. */
  static isInstalled(): boolean {
    if (existsSync(`${FOLDER}node_modules/node-llama-cpp`)) return true
    console.log('node-llama-cpp is left out: run `npm install` in bench/peers to have it beside')
    return false
  }

  private constructor(private readonly process: JsonProcess) {}

  /** Starts it on a GGUF file; null where it is not installed. */
  static async open(modelPath: string, threads: number): Promise<LlamaPeer | null> {
    return LlamaPeer.isInstalled() ? LlamaPeer.started(modelPath, threads) : null
  }

  private static async started(modelPath: string, threads: number): Promise<LlamaPeer> {
    const peer = new LlamaPeer(await JsonProcess.start(llamaCommand(threads)))
    await peer.process.ask({ open: modelPath })
    return peer
  }

  /**
   * The same with the number of threads that `trialMs` takes least time with, by default an answer's token; says which.
   * The first trial of each only warms up.
   */
  static async openBest(
    modelPath: string,
    trialMs: (peer: LlamaPeer) => Promise<number> = tokenMs,
  ): Promise<LlamaPeer | null> {
    if (!LlamaPeer.isInstalled()) return null
    const threads = await bestThreads(async (count) => {
      const peer = await LlamaPeer.started(modelPath, count)
      try {
        await trialMs(peer)
        return Math.min(await trialMs(peer), await trialMs(peer))
      } finally {
        await peer.process.close()
      }
    })
    console.log(`node-llama-cpp is fastest with ${threads} thread(s) here`)
    return LlamaPeer.started(modelPath, threads)
  }

  answer(request: PeerRequest): Promise<PeerAnswer> {
    return this.process.ask(request)
  }

  /** Its logits of the tokens from the `from`th on, [tokens - from, vocabulary]. */
  async logits(tokens: readonly number[], from: number): Promise<Float32Array> {
    const file = join(tmpdir(), `llama-logits-${process.pid}`)
    await this.process.ask({ tokens, from, file })
    const bytes = await readFile(file)
    await rm(file)
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  }

  load(request: PeerLoad): Promise<PeerLoadResult> {
    return this.process.ask(request)
  }

  close(): void {
    void this.process.close()
  }
}

/** Milliseconds of a plain token after `context` others. */
export async function tokenMs(peer: LlamaPeer, context = 256, count = 48): Promise<number> {
  const tokens = Array.from({ length: context }, (_, i) => 100 + i)
  const answer = await peer.answer({ tokens, maxTokens: count, temperature: 0, seed: 1, lookup: false })
  return (answer.ms - answer.firstMs) / Math.max(1, answer.tokens - 1)
}
