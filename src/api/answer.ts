/** One answer: the parts that it comes in, how it ended, and what it cost. */
import type { ChosenLogprob } from '../sampling/sampling-fields.js'

/** What ends decoding. */
export type Ending = 'stop' | 'length' | 'abort'

/** `tool_calls`: it ended by itself, with complete calls of tools. */
export type FinishReason = Ending | 'tool_calls'

/** A piece of a call that the answer makes. */
export interface ToolCallPart {
  /** Which of the answer's calls, from 0. */
  index: number
  /** In a call's first piece. */
  name?: string
  /** Concatenated, a JSON object as text. */
  arguments: string
}

/**
 * One step, for people to look at. The arrays are parallel, an entry per node of its tree; node 0 is the root, parents
 * come before children.
 */
export interface StepTrace {
  /** Parent of each node; -1 for the root. */
  parents: number[]
  /** Text that each node's token stands for by itself. */
  texts: string[]
  /**
   * Probability after its parent that the target gives each node at temperature 1, before anything the request adds; 1
   * for the root.
   */
  target: number[]
  /** The same by the draft; null where it guesses without probabilities. */
  draft: (number | null)[]
  /** Nodes that the target agreed with, in order. */
  path: number[]
  /** Text of the target's own token, which follows the path. */
  next: string
  /** Milliseconds of the step, tracing left out. */
  ms: number
}

/** What one request cost and gained. */
export interface GenerateStats {
  promptTokens: number
  /** How many of them were not computed: an earlier text, or the same prompt beside it, began with them. */
  cachedTokens: number
  tokens: number
  /** How many of them are what the model thought ahead of its answer, the marks around it among them. */
  reasoningTokens: number
  /** Target passes after the prompt. */
  steps: number
  tokensPerStep: number
  prefillMs: number
  decodeMs: number
  /** Steps whose tree held draft tokens; [j] how many of them had j accepted, as long as the deepest tree was. */
  drafts: number
  acceptedLengths: readonly number[]
  /** Draft tokens put into trees, and how many the target agreed with. */
  drafted: number
  accepted: number
  /** Mean tree size (root included) and depth over the steps. */
  planNodes: number
  planDepth: number
  /** Share of decode time spent outside model passes, 0..1. */
  overhead: number
  /**
   * Milliseconds from its coming to its place among those that decode, and to its first tokens (null: there were none).
   */
  queueMs: number
  firstTokenMs: number | null
  /** Milliseconds from its first tokens to its last, time in which its reader did not ask included. */
  generationMs: number
}

/**
 * One piece of the stream. The last part has `finishReason` and `stats`. Texts concatenate to the answer; tokens
 * likewise.
 */
export interface GeneratePart {
  /** Whole UTF-8 characters only; may be empty. */
  text: string
  /** What the model thinks ahead of its answer, apart from `text`; there, though it may be empty, while it thinks. */
  reasoning?: string
  tokens: number[]
  /** Pieces of calls, in order; their text is not in `text`. */
  toolCalls?: ToolCallPart[]
  /** How many of `tokens` were draft tokens that the target accepted. */
  accepted: number
  /** One for each of `tokens`, where the request asked for them. */
  logprobs?: ChosenLogprob[]
  finishReason?: FinishReason
  /** The token that ended the answer, if one did: the last of `tokens`, without text. */
  stopToken?: number
  /** The step that these tokens are from, where the request asked for it; absent in parts that no step made. */
  trace?: StepTrace
  stats?: GenerateStats
}
