/** What serving an engine takes of it, whether it is in this process or far away. */
import type { GeneratePart } from './answer.js'
import type { EngineInfo } from './info.js'
import type { Engine } from './engine.js'
import type { GenerateRequest } from './request.js'

/** The queue of one model now, of all gateways and workers together. */
export interface QueueState {
  workers: number
  /** Requests that all workers together answer at once, at most and now. */
  places: number
  running: number
  /** Requests that no worker has taken; those of batches among them. */
  waiting: number
}

/** An engine here (`openEngine`) or the workers of a queue (`remoteEngine`). */
export interface Generates {
  readonly info: EngineInfo
  /** As `Engine.generate`. */
  generate(request: GenerateRequest): AsyncIterable<GeneratePart>
  /** As `Engine.encode`. */
  encode(request: Parameters<Engine['encode']>[0]): Promise<number[]>
  /** As `Engine.fault`. */
  fault(): Promise<Error | null>
  /** As `Engine.usage`; of a queue, requests of this process alone. */
  usage(): ReturnType<Engine['usage']>
  /** Of the workers of a queue: what all of them and all gateways have to do. Absent in an engine here. */
  queue?(): QueueState
  /** As `Engine.close`. */
  close(options?: { drainMs?: number }): Promise<void>
}
