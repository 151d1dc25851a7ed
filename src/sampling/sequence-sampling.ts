/**
 * How one sequence's tokens are chosen: its processors, applied to each node's row before the walk reads it, and the
 * log probabilities of what was chosen, read from the rows as the target wrote them.
 */
import { Turns } from '../common/turns.js'
import type { Core } from '../core/index.js'
import type { Verdict } from '../core/types.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { ThinkingMarks, Tokenizer } from '../text/text.js'
import { pathTo } from '../strategies/tree.js'
import type { Verifier, Walk } from '../strategies/verifier.js'
import type { ThinkingPlace } from '../text/thinking.js'
import { AfterThinking } from './after-thinking.js'
import { logitBias } from './bias.js'
import type { Controls } from './controls.js'
import type { ChosenLogprob } from './sampling-fields.js'
import { logprobsOf } from './logprobs.js'
import { allowedTokens, bannedTokens, isEmpty, MinTokens } from './masks.js'
import { PathProcessors } from './path-processors.js'
import { Penalties } from './penalties.js'
import type { Processor, RowProcessor } from '../strategies/row-processor.js'

/** A walk's outcome, with log probabilities of the path's tokens and the one after them where they were asked for. */
export interface Choice {
  verdict: Verdict
  logprobs?: ChosenLogprob[]
}

/** Ends a walk that begins again where it was, once others had their turn. */
class Paused extends Error {}

export interface SequenceSamplingOptions {
  core: Core
  tokenizer: Tokenizer
  controls: Controls
  /** The prompt, for penalties that count it. */
  prompt: readonly number[]
  /** What ends this answer. */
  stopTokens: ReadonlySet<number>
  /** The answer's grammar, at its beginning; disposed of with the sequence. */
  grammar: (Processor & { dispose(): void }) | null
  /** Thinking that the answer may begin with, to which the grammar does not apply; null or left out: none. */
  thinking?: { marks: ThinkingMarks; place: ThinkingPlace } | null
}

export class SequenceSampling {
  /** Null where the target's logits are used as they are. */
  private readonly processors: PathProcessors | null

  constructor(private readonly options: SequenceSamplingOptions) {
    const parts = processorsOf(options)
    this.processors = parts.length > 0 ? new PathProcessors(parts) : null
  }

  /** What a drafter applies to its own rows, so that it guesses what the target may choose. */
  get rows(): RowProcessor | undefined {
    return this.processors ?? undefined
  }

  /**
   * Walks a tree whose rows the target has just written. Yields where others should have a turn: making rows ready may
   * take long. Throws `InvalidArgumentError` where the masks leave no token.
   */
  *verify(verifier: Verifier, walk: Walk): Generator<null, Choice, unknown> {
    const { core, controls } = this.options
    const { processors } = this
    if (!processors) {
      const verdict = verifier.verify(core, walk)
      return {
        verdict,
        ...(controls.logprobs !== null && { logprobs: this.logprobs(walk, verdict, (node) => rowAt(walk, node)) }),
      }
    }
    /** Copies of unmodified rows by node, float32 [vocab] in wasm memory. */
    const raw = new Map<number, number>()
    const made = new Set<number>()
    const turns = new Turns()
    let empty = false
    const ready = (node: number): void => {
      if (made.has(node)) return
      if (turns.due) throw new Paused()
      made.add(node)
      if (controls.logprobs !== null) raw.set(node, this.copyOf(walk, node))
      const row = core.f32(rowAt(walk, node), walk.vocab)
      processors.apply(row, pathTo(walk.tree, node))
      empty ||= isEmpty(row)
    }
    try {
      for (;;) {
        try {
          const verdict = verifier.verify(core, { ...walk, ready })
          const logprobs =
            controls.logprobs === null ? undefined : this.logprobs(walk, verdict, (node) => raw.get(node)!)
          return { verdict, ...(logprobs && { logprobs }) }
        } catch (error) {
          if (!(error instanceof Paused)) throw empty ? this.deadEnd() : error
        }
        yield null
        turns.begin()
      }
    } finally {
      for (const copy of raw.values()) core.free(copy)
    }
  }

  /** Tells which tokens the sequence has grown by. */
  commit(tokens: readonly number[]): void {
    this.processors?.commit(tokens)
  }

  dispose(): void {
    this.options.grammar?.dispose()
  }

  private logprobs({ tree, vocab }: Walk, verdict: Verdict, rawRow: (node: number) => number): ChosenLogprob[] {
    const { core, tokenizer, controls } = this.options
    const chosen = [...Array.from(verdict.path, (node) => tree.tokens[node]), verdict.token]
    return [0, ...verdict.path].map((node, i) =>
      logprobsOf(core, tokenizer, rawRow(node), vocab, chosen[i], controls.logprobs!),
    )
  }

  private copyOf(walk: Walk, node: number): number {
    const { core } = this.options
    const copy = core.alloc(walk.vocab * 4)
    core.f32(copy, walk.vocab).set(core.f32(rowAt(walk, node), walk.vocab))
    return copy
  }

  private deadEnd(): InvalidArgumentError {
    const { controls } = this.options
    const masks = [
      controls.allowedTokens && 'allowedTokens',
      controls.bannedTokens.length > 0 && 'bannedTokens',
      controls.grammar?.param,
    ].filter((name) => typeof name === 'string')
    return new InvalidArgumentError(
      masks[0] ?? 'logitBias',
      `${masks.join(' and ') || 'the masks'} leave no token to choose at this point of the answer; allow more ` +
        'tokens or ban fewer',
    )
  }
}

/** Bias, then penalties, then masks: a mask has the last word. */
function processorsOf(options: SequenceSamplingOptions): Processor[] {
  const { controls, prompt, stopTokens, grammar, thinking, tokenizer } = options
  const parts: Processor[] = []
  const { repetitionPenalty, presencePenalty, frequencyPenalty } = controls
  if (controls.logitBias.length > 0) parts.push(logitBias(controls.logitBias))
  if (repetitionPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0)
    parts.push(new Penalties(controls, prompt))
  if (controls.allowedTokens) parts.push(allowedTokens(controls.allowedTokens))
  if (controls.bannedTokens.length > 0) parts.push(bannedTokens(controls.bannedTokens))
  if (grammar && thinking)
    parts.push(new AfterThinking(grammar, thinking.marks, thinking.place, tokenizer, [...stopTokens]))
  else if (grammar) parts.push(grammar)
  if (controls.minTokens > 0) parts.push(new MinTokens(controls.minTokens, [...stopTokens]))
  return parts
}

const rowAt = ({ logitsPtr, vocab }: Walk, node: number): number => logitsPtr + node * vocab * 4
