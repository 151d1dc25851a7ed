/** The passes over the micro pair's models while something is done, counted at the graphs themselves. */
import { GraphForward } from '../../src/runtime/graph-forward.js'

const TARGET_LAYERS = 6

export interface Pass {
  isDraft: boolean
  rows: number
  /** Sequences that had rows in it. */
  lanes: number
  /** Rows whose logits nobody wanted: of prompts, where it is the target's. */
  promptRows: number
}

/** All passes over any model while `work` runs; `begins` hears of each before it is run. */
export async function passesOf(work: () => Promise<unknown>, begins: (pass: Pass) => void = () => {}): Promise<Pass[]> {
  const passes: Pass[] = []
  const run = GraphForward.prototype.run
  GraphForward.prototype.run = function (input, output) {
    const pass = {
      isDraft: this.info.kv.rows.length !== TARGET_LAYERS,
      rows: input.tokens.length,
      lanes: new Set(input.lanes).size,
      promptRows: input.tokens.length - input.logitRows.length,
    }
    passes.push(pass)
    begins(pass)
    return run.call(this, input, output)
  }
  try {
    await work()
  } finally {
    GraphForward.prototype.run = run
  }
  return passes
}

/** Rows of prompts that the target read. */
export function promptRowsOf(passes: readonly Pass[]): number {
  return passes.reduce((sum, { isDraft, promptRows }) => sum + (isDraft ? 0 : promptRows), 0)
}
