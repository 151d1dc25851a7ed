/**
 * Opens the sequences of requests, and takes from each, when it ends, what serves those that come later: K/V rows,
 * acceptance, texts to guess from.
 */
import { joined } from '../common/joined.js'
import type { GrammarMask } from '../grammar/grammar-mask.js'
import type { SequenceCache } from '../passes/sequence-cache.js'
import { SequenceSampling } from '../sampling/sequence-sampling.js'
import { AnswerText } from './answer-text.js'
import type { EngineParts } from './parts.js'
import { BLOCK, type BlockRows, PrefixCache } from './prefix-cache.js'
import type { Run } from './run.js'
import { observe, release, type Sequence } from './sequence.js'

/** Tokens of a prompt that drafters are shown before its answer: what the answer's first tokens are found by. */
const LEAD_IN = 8

export class Sequences {
  private readonly prefixes: PrefixCache

  constructor(private readonly parts: Omit<EngineParts, 'info'>) {
    const { limits, recorder } = parts
    this.prefixes = new PrefixCache(limits.prefixCacheBytes, (tokens, bytes) => recorder.evict(tokens, bytes))
  }

  /** Bytes of K/V rows kept of texts that ended. */
  get prefixBytes(): number {
    return this.prefixes.bytes
  }

  /**
   * A sequence with what is known of its prompt in the target's cache; what it throws leaves nothing behind. Never
   * during a pass.
   */
  async begin(run: Run, grammar: GrammarMask | null): Promise<Sequence> {
    const { target } = this.parts.models
    const cache = target.memory.open()
    let sequence: Sequence
    try {
      sequence = this.opened(run, grammar, cache)
    } catch (error) {
      cache.release()
      grammar?.dispose()
      throw error
    }
    try {
      const blocks = this.prefixes.match(run.prompt)
      for (const { kv, features } of blocks) {
        await target.memory.restore(cache, kv, BLOCK)
        observe(sequence, features, target.forward.info.features.written)
      }
      run.record.cachedTokens = cache.length
      await this.restoreDraft(sequence, blocks)
      return sequence
    } catch (error) {
      release(sequence)
      throw error
    }
  }

  private opened(
    { request, prompt, drafter, record, thinking }: Run,
    grammar: GrammarMask | null,
    cache: SequenceCache,
  ): Sequence {
    const { models, text, speculation } = this.parts
    const { controls, verifier } = request
    const stopTokens = new Set([...(controls.ignoreEos ? [] : text.stopTokens), ...controls.stopTokenIds])
    const { tokenizer } = text
    const { core } = models.target
    const sampling = new SequenceSampling({ core, tokenizer, controls, prompt, stopTokens, grammar, thinking })
    const drafting = drafter?.begin({
      sampling: request.sampling,
      key: request.key,
      draws: verifier.draws,
      rows: sampling.rows,
      showsTrees: request.trace,
    })
    const givenLength = prompt.length + (request.resume?.length ?? 0)
    return {
      request,
      record,
      tokens: [...prompt],
      promptLength: prompt.length,
      givenLength,
      cache,
      features: [],
      speculation: speculation.begin(request, drafter, givenLength),
      drafting: drafting ?? null,
      verifier,
      sampling,
      text: new AnswerText(controls.grammar ? text.speaking : tokenizer, request.stop, thinking),
      stopTokens,
      finish: null,
      failure: null,
    }
  }

  /** Takes what a sequence leaves to others. Never during a pass. */
  async learn(sequence: Sequence): Promise<void> {
    const { speculation: state, drafting, tokens, promptLength, cache, features } = sequence
    const { models, speculation, strategies, timing } = this.parts
    speculation.end(state)
    timing.keeper.keepUp()
    const text = tokens.slice(Math.max(0, promptLength - LEAD_IN))
    for (const drafter of strategies.drafters.values()) drafter.ended?.(text)
    await this.prefixes.insert(tokens.slice(0, cache.length), async (from) => {
      const saved = await drafting?.save?.(from, BLOCK)
      return {
        kv: await models.target.memory.save(cache, from, BLOCK),
        features: joined(Float32Array, features.slice(from, from + BLOCK)),
        draft: saved ? { drafter: state.drafter!.name, saved } : null,
      }
    })
  }

  /** What the draft had read of these blocks, as far as it had from the first on. */
  private async restoreDraft(sequence: Sequence, blocks: readonly BlockRows[]): Promise<void> {
    const { speculation: state, drafting } = sequence
    if (!drafting?.restore) return
    for (const { draft } of blocks) {
      if (draft?.drafter !== state.drafter!.name) return
      await drafting.restore(draft.saved, BLOCK)
      this.parts.speculation.draftHasRead(state, state.unread - BLOCK)
    }
  }
}
