/** node-llama-cpp beside our engine: its own process, so that neither's threads or memory are the other's. */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { JsonProcess } from '../json-process.js'

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

/**
 * The command of its process (`llama.js` says what that answers); null, with a word on how to have it, where it is not
 * installed.
 */
export function llamaCommand(threads: number): string[] | null {
  if (existsSync(`${FOLDER}node_modules/node-llama-cpp`))
    return [process.execPath, `${FOLDER}llama.js`, String(threads)]
  console.log('node-llama-cpp is left out: run `npm install` in bench/peers to have it beside')
  return null
}

export class LlamaPeer {
  /** Says how to have it where it is not. */
  static isInstalled(): boolean {
    return llamaCommand(1) !== null
  }

  private constructor(private readonly process: JsonProcess) {}

  /** Starts it on a GGUF file; null where it is not installed. */
  static async open(modelPath: string, threads: number): Promise<LlamaPeer | null> {
    const command = llamaCommand(threads)
    if (!command) return null
    const peer = new LlamaPeer(await JsonProcess.start(command))
    await peer.process.ask({ open: modelPath })
    return peer
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
