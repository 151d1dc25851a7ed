/** An opened engine. */
import type { GeneratePart } from './answer.js'
import type { EngineEvents } from './events.js'
import type { EngineInfo } from './info.js'
import type { GenerateRequest } from './request.js'
import type { EngineStats } from './stats.js'
import type { Tuning } from './tuning.js'

/**
 * A target model and its drafts, ready to decode. Made by `openEngine`; holds threads and memory until `close`.
 */
export interface Engine {
  readonly info: EngineInfo
  /**
   * Streams one answer. Throws `InvalidArgumentError` (naming the field) before the first part for a bad request,
   * `SequoiaError('context_overflow')` for a prompt that cannot fit, `SequoiaError('overloaded')` when the queue is
   * full; at any time `SequoiaError('timeout')` at the deadline and `SequoiaError('closed')` when the engine is closed.
   * Leaving the loop early, aborting `signal` and the deadline free everything the request held within a step, even
   * while its reader does not read.
   */
  generate(request: GenerateRequest): AsyncIterable<GeneratePart>
  /** Cache slots in use now and in all; requests running and waiting. Idle means 0 used. */
  usage(): { slotsUsed: number; slots: number; running: number; waiting: number }
  /**
   * What keeps it from answering, and looks first whether that has been put right; null where nothing does. The files
   * of a model whose weights are streamed may be damaged or go away while it runs: requests under way then fail with
   * this error.
   */
  fault(): Promise<Error | null>
  /**
   * Token ids of a prompt as the model reads it: templated, with what the model wants put before it. However long the
   * text is, the event loop goes on: long ones are tokenized in a thread.
   */
  encode(
    request: Pick<GenerateRequest, 'messages' | 'tools' | 'toolChoice' | 'prompt' | 'chatTemplateKwargs'>,
  ): Promise<number[]>
  /**
   * What passes take on this machine, and what the planner makes of it at a context of so many tokens (default
   * 256); `parents`: what this tree takes and brings, greedy, in place of the planner's.
   */
  tuning(context?: number, parents?: readonly number[]): Tuning
  /**
   * Times passes anew, in a few seconds in which no request begins, for plans from then on and for engines opened
   * later: where the machine is no longer what it was. `rounds`, 1 to 1000: passes of each size that count, default 5;
   * where it is given, the times are this engine's alone. Throws `SequoiaError('overloaded')` while requests run.
   */
  calibrate(options?: { rounds?: number }): Promise<void>
  /** What was done since the engine was opened. */
  stats(): EngineStats
  /**
   * `engine.events.on('step', ({ ms, shares }) => ...)`: what happens as it happens. Nothing is made for events that
   * nobody listens to.
   */
  readonly events: EngineEvents
  /**
   * Takes no new requests, waits for those that run or wait, and gives back the models. Requests that are not done
   * after `drainMs` milliseconds (default: however long it takes; 0: at once) are stopped within a step and fail with
   * `SequoiaError('closed')`. May be called again to be less patient.
   */
  close(options?: { drainMs?: number }): Promise<void>
}
