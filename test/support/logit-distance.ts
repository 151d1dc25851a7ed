/**
 * How far one model's logits are from another's, over many rows: mean KL divergence (nats) and how often the likeliest
 * token agrees.
 */
export class LogitDistance {
  #kl = 0
  #squares = 0
  #agreed = 0
  rows = 0

  /** Adds rows of reference and compared logits, [m, vocab] each. */
  add(reference: Float32Array, compared: Float32Array, vocab: number): void {
    for (let start = 0; start < reference.length; start += vocab) {
      const [a, b] = [summary(reference, start, vocab), summary(compared, start, vocab)]
      let kl = b.logSum - a.logSum
      for (let v = start; v < start + vocab; v++) kl += Math.exp(reference[v] - a.logSum) * (reference[v] - compared[v])
      this.#kl += kl
      this.#squares += kl ** 2
      this.#agreed += a.best === b.best ? 1 : 0
      this.rows++
    }
  }

  get kl(): number {
    return this.#kl / this.rows
  }

  /** Of the mean, were the rows independent: those of one text are not quite. */
  get standardError(): number {
    return Math.sqrt((this.#squares / this.rows - this.kl ** 2) / this.rows)
  }

  /** Share of rows, 0 .. 1. */
  get top1(): number {
    return this.#agreed / this.rows
  }

  toString(): string {
    return (
      `KL ${this.kl.toFixed(5)} ± ${this.standardError.toFixed(5)}, top-1 ${(100 * this.top1).toFixed(2)} %, ` +
      `${this.rows} rows`
    )
  }
}

function summary(logits: Float32Array, start: number, vocab: number): { best: number; logSum: number } {
  let best = start
  for (let v = start; v < start + vocab; v++) if (logits[v] > logits[best]) best = v
  let sum = 0
  for (let v = start; v < start + vocab; v++) sum += Math.exp(logits[v] - logits[best])
  return { best: best - start, logSum: logits[best] + Math.log(sum) }
}
