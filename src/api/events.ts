/**
 * What an engine tells whoever listens: requests as they come and end, steps, changes of plan, what its prefix cache
 * drops.
 */
import type { EventEmitter } from 'node:events'
import type { FinishReason, GenerateStats } from './answer.js'
import type { GenerateRequest } from './request.js'

/**
 * How a request ended. `abort`: its signal, or its reader left. `timeout`: its deadline. `overloaded`: refused, the
 * queue was full. `closed`: the engine closed. `error`: anything else that it threw.
 */
export type EndReason = FinishReason | 'timeout' | 'overloaded' | 'closed' | 'error'

/** A request came in that is well-formed and fits the context. Sent in the caller's own asynchronous context. */
export interface RequestEvent {
  /** Number of the request in this engine, from 1; later events name it. */
  id: number
  /** As it was given; it holds the prompt, so think before logging it. */
  request: Readonly<GenerateRequest>
  promptTokens: number
  /** Draft it speculates with, or `none`. */
  draft: string
}

/** A request got its place among those that decode. */
export interface StartEvent {
  id: number
  /** Milliseconds it waited. */
  waitedMs: number
  /** Prompt tokens that need not be computed. */
  cachedTokens: number
}

/**
 * A request got its first tokens.
 */
export interface FirstTokenEvent {
  id: number
  /** Milliseconds since the request came in. */
  ms: number
}

/**
 * A request ended, well or not. Every `request` event is followed by exactly one of these.
 */
export interface EndEvent {
  id: number
  reason: EndReason
  /** What the request threw, if it did. */
  error?: Error
  /** Milliseconds since the request came in. */
  ms: number
  stats: GenerateStats
}

/** One request's share of a step. */
export interface StepShare {
  id: number
  /** Size of its tree, root included, and levels below the root. */
  nodes: number
  depth: number
  /** Draft tokens that became part of the answer, and all tokens that did. */
  accepted: number
  tokens: number
  /** Milliseconds since its previous tokens; null at its first. */
  sinceMs: number | null
}

/**
 * One pass of the target over the trees of all who asked, and the next rows of prompts that are being read; and what
 * came of it.
 */
export interface StepEvent {
  /** Milliseconds of the step, and of it: drafting, the target's pass. */
  ms: number
  draftMs: number
  targetMs: number
  shares: StepShare[]
}

/**
 * How large a request's trees may be.
 */
export interface PlannedTree {
  /** Most nodes, root included; 1 is plain decoding. */
  nodes: number
  depth: number
}

/** A request's trees are planned otherwise than in its step before. */
export interface PlanEvent extends PlannedTree {
  id: number
  /** Null at its first step. */
  before: PlannedTree | null
  /** Requests that share the step. */
  among: number
}

/** The prefix cache dropped rows to make room. */
export interface EvictionEvent {
  tokens: number
  bytes: number
}

/** Event names and what their listeners get. */
export interface EngineEventMap {
  request: [RequestEvent]
  start: [StartEvent]
  firstToken: [FirstTokenEvent]
  end: [EndEvent]
  step: [StepEvent]
  plan: [PlanEvent]
  eviction: [EvictionEvent]
}

/**
 * The names that `engine.events.on` takes.
 */
export type EngineEventName = keyof EngineEventMap

/**
 * Listeners are called at once, between two model passes: keep them short. What one throws is thrown again outside of
 * the engine, as an uncaught exception, as Node does for `EventTarget`.
 */
export type EngineEvents = Pick<EventEmitter<EngineEventMap>, 'on' | 'once' | 'off'>
