/** The table of a part: what a token costs each contender, and how the others compare. */
import type { Outcome } from './contenders.js'

export interface Baselines {
  /** Our own plain streaming. */
  plain: Outcome
  peers: readonly Outcome[]
  /** Bytes a second that this part's file can be read with. */
  diskBytesPerSecond: number
  budgetBytes: number
}

export type Row = Record<string, string | number | undefined>

export function rowOf(outcome: Outcome, { plain, peers, diskBytesPerSecond, budgetBytes }: Baselines): Row {
  if ('failed' in outcome) return { way: outcome.way, failed: outcome.failed }
  const { tokens, ms, bytes, steps, usage } = outcome.done
  const seconds = ms / tokens / 1000
  const against = (name: string, other: Outcome): Row =>
    'done' in other && other !== outcome
      ? { [`times faster than ${name}`]: other.done.ms / other.done.tokens / 1000 / seconds }
      : {}
  return {
    way: outcome.way,
    'seconds a token': seconds,
    'tokens a step': steps === undefined ? 1 : tokens / steps,
    ...against('plain streaming', plain),
    ...Object.assign({}, ...peers.map((peer) => against(peer.way.split(',')[0], peer))),
    'MB read a token': bytes / tokens / 1e6,
    'share of the disk': bytes / (ms / 1000) / diskBytesPerSecond,
    'idle RSS, MB': usage.idleBytes / 1e6,
    'peak RSS, MB': usage.peakBytes / 1e6,
    'idle + budget, MB': usage.limitBytes === null ? undefined : (usage.idleBytes + budgetBytes) / 1e6,
  }
}
