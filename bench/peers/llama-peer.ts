/** node-llama-cpp beside our engine: its own process, so that neither's threads or memory are the other's. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

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

/** Prompts of each client, who asks them one after another; greedy. */
export interface PeerLoad {
  clients: readonly (readonly (readonly number[])[])[]
  maxTokens: number
}

/** Of all clients together: latencies in milliseconds. */
export interface PeerLoadResult {
  tokens: number
  ms: number
  firstMs: number[]
  betweenMs: number[]
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

export class LlamaPeer {
  private readonly lines: AsyncIterator<string>

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, null>) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** Starts it on a GGUF file; null, with a word on how to have it, where it is not installed. */
  static async open(modelPath: string, threads: number): Promise<LlamaPeer | null> {
    if (!existsSync(`${FOLDER}node_modules/node-llama-cpp`)) {
      console.log('peers are left out: run `npm install` in bench/peers to have node-llama-cpp beside')
      return null
    }
    const peer = new LlamaPeer(spawn(process.execPath, [`${FOLDER}llama.js`, modelPath, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] }))
    await peer.read()
    return peer
  }

  async answer(request: PeerRequest): Promise<PeerAnswer> {
    return (await this.ask(request)) as PeerAnswer
  }

  /** Its logits of the tokens from the `from`th on, [tokens - from, vocabulary]. */
  async logits(tokens: readonly number[], from: number): Promise<Float32Array> {
    const file = join(tmpdir(), `llama-logits-${process.pid}`)
    await this.ask({ tokens, from, file })
    const bytes = await readFile(file)
    await rm(file)
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  }

  async load(request: PeerLoad): Promise<PeerLoadResult> {
    return (await this.ask(request)) as PeerLoadResult
  }

  close(): void {
    this.child.stdin.end()
  }

  private async ask(request: object): Promise<unknown> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`)
    return this.read()
  }

  private async read(): Promise<unknown> {
    const { value, done } = await this.lines.next()
    if (done) throw new Error('node-llama-cpp ended before it answered')
    return JSON.parse(value)
  }
}
