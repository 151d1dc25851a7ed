/**
 * Tokens per second of speculative and of plain decoding, side by side. Only the steps count: neither the prompt nor
 * the way here.
 */

export class SpeedMeter {
  /** `rows.speculative` and `rows.plain`: a bar and an output each. */
  constructor(rows) {
    this.rows = rows
    this.clear()
  }

  clear(kinds = ['speculative', 'plain']) {
    this.counts = { ...this.counts, ...Object.fromEntries(kinds.map((kind) => [kind, { tokens: 0, ms: 0, steps: 0 }])) }
    this.draw()
  }

  add(kind, { path, ms }) {
    const count = this.counts[kind]
    count.tokens += path.length + 1
    count.ms += ms
    count.steps += 1
  }

  /** Tokens as the server's usage counts them: a last step's guesses beyond the answer's end are not in it. */
  settle(kind, tokens) {
    this.counts[kind].tokens = tokens
  }

  /** Tokens per second; 0 before the first step. */
  rate(kind) {
    const { tokens, ms } = this.counts[kind]
    return ms > 0 ? (tokens / ms) * 1000 : 0
  }

  tokensPerStep() {
    const { tokens, steps } = this.counts.speculative
    return steps > 0 ? tokens / steps : 0
  }

  draw() {
    const most = Math.max(this.rate('speculative'), this.rate('plain'), 1)
    for (const [kind, { bar, output }] of Object.entries(this.rows)) {
      const rate = this.rate(kind)
      bar.value = rate / most
      output.textContent = rate > 0 ? `${Math.round(rate).toLocaleString('en')} tok/s` : '–'
    }
  }
}
