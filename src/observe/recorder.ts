/**
 * Keeps the engine's counters and tells its listeners what happens; whatever nobody listens to is counted and no more.
 */
import type { Plan } from '../strategies/plan.js'
import type { DraftTree } from '../strategies/tree.js'
import { Emitter } from './emitter.js'
import type { EndEvent, GeneratePart, GenerateRequest, StepShare } from '../api/types.js'
import { newRecord, type RequestRecord } from './request-record.js'
import { newTotals, type Totals } from './stats.js'

/** What the recorder reads of a sequence. A failed one has no share in its step. */
export interface Recorded {
  readonly record: RequestRecord
  readonly failure: Error | null
}

/** One step as its makers saw it; the arrays are parallel, an entry per sequence. */
export interface StepReport {
  sequences: readonly Recorded[]
  plans: readonly Plan[]
  trees: readonly DraftTree[]
  parts: readonly GeneratePart[]
  ms: number
  draftMs: number
  targetMs: number
}

export class Recorder {
  readonly emitter = new Emitter()
  readonly totals: Totals = newTotals()

  request(request: Readonly<GenerateRequest>, promptTokens: number, draft: string): RequestRecord {
    const id = ++this.totals.requests
    if (this.emitter.isHeard('request')) this.emitter.emit('request', { id, request, promptTokens, draft })
    return newRecord(id, promptTokens)
  }

  /** It has a place among those that decode, and what was known of its prompt. */
  start(record: RequestRecord): void {
    const { totals, emitter } = this
    const { promptTokens, cachedTokens } = record
    record.startedAt = performance.now()
    totals.promptTokens += promptTokens
    totals.cachedTokens += cachedTokens
    if (emitter.isHeard('start'))
      emitter.emit('start', { id: record.id, waitedMs: record.startedAt - record.cameAt, cachedTokens })
  }

  /** Prompt tokens whose K/V were copied from a request beside it. */
  reuse(record: RequestRecord, tokens: number): void {
    record.cachedTokens += tokens
    this.totals.cachedTokens += tokens
  }

  end({ id, cameAt }: RequestRecord, outcome: Omit<EndEvent, 'id' | 'ms'>): void {
    this.totals.ended[outcome.reason] += 1
    if (this.emitter.isHeard('end')) this.emitter.emit('end', { id, ms: performance.now() - cameAt, ...outcome })
  }

  evict(tokens: number, bytes: number): void {
    this.totals.evictedTokens += tokens
    if (this.emitter.isHeard('eviction')) this.emitter.emit('eviction', { tokens, bytes })
  }

  /** Counts the time of `work` as drafting. */
  async drafting(work: () => Promise<void>): Promise<void> {
    const started = performance.now()
    await work()
    this.totals.draftMs += performance.now() - started
  }

  step(report: StepReport): void {
    const { totals, emitter } = this
    const { sequences, trees, parts } = report
    totals.passes += 1
    totals.draftMs += report.draftMs
    if (emitter.isHeard('plan')) this.tellPlans(report)
    const now = performance.now()
    const isHeard = emitter.isHeard('step')
    const shares: StepShare[] = []
    for (const [i, { record, failure }] of sequences.entries()) {
      if (failure) continue
      const {
        accepted,
        tokens: { length: tokens },
      } = parts[i]
      const nodes = trees[i].parents.length
      totals.steps += 1
      totals.tokens += tokens
      if (nodes > 1) totals.drafts += 1
      totals.nodes += nodes
      totals.drafted += nodes - 1
      totals.accepted += accepted
      for (let at = 0; at < accepted; at++) totals.acceptedAt[at] = (totals.acceptedAt[at] ?? 0) + 1
      if (isHeard)
        shares.push({
          id: record.id,
          nodes,
          depth: trees[i].depths[nodes - 1],
          accepted,
          tokens,
          sinceMs: record.tokensAt === null ? null : now - record.tokensAt,
        })
      if (record.firstTokenAt === null) {
        record.firstTokenAt = now
        if (emitter.isHeard('firstToken')) emitter.emit('firstToken', { id: record.id, ms: now - record.cameAt })
      }
      record.tokensAt = now
    }
    if (isHeard) emitter.emit('step', { ms: report.ms, draftMs: report.draftMs, targetMs: report.targetMs, shares })
  }

  private tellPlans({ sequences, plans }: StepReport): void {
    for (const [i, { record }] of sequences.entries()) {
      const { shape, maxNodes, maxDepth } = plans[i]
      const nodes = shape?.parents.length ?? maxNodes
      const depth = nodes === 1 ? 0 : maxDepth
      const before = record.planned
      if (before?.nodes === nodes && before.depth === depth) continue
      record.planned = { nodes, depth }
      this.emitter.emit('plan', { id: record.id, nodes, depth, before, among: sequences.length })
    }
  }
}
