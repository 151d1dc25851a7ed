/**
 * The last word on whether to speculate: an account of what trees really cost, kept in tokens that plain decoding would
 * have made in the time they took. Trees may lose a little, since luck evens out; once they lost more than the limit
 * they rest, and plain decoding pays the loss off by a small share of its time. So whatever estimates say, decoding is
 * slower than plain decoding by that share and the limit at most.
 */

export interface GateLimits {
  /** Tokens that may be lost before trees rest. */
  limit: number
  /**
   * Tokens that must be paid off before they are tried again: one trial takes several steps, as a draft that rested has
   * to catch up.
   */
  trial: number
  /** Share of the time that may be lost for good: what trying again now and then costs where trees do not pay. */
  share: number
  /** Most tokens of past gains that may be lost again. */
  credit: number
}

export class SpeculationGate {
  private lost = 0
  private rests = false

  constructor(private readonly limits: GateLimits) {}

  /** Whether trees may be tried. */
  get isOpen(): boolean {
    return !this.rests
  }

  /** Whether trees have gained more than they lost, lately. */
  get isWinning(): boolean {
    return this.lost < 0
  }

  /** A step without a tree, of as much time as plain decoding takes for `made` tokens. */
  rested(made: number): void {
    this.lost = this.lost > 0 ? Math.max(0, this.lost - this.limits.share * made) : this.lost
    if (this.lost <= this.limits.limit - this.limits.trial) this.rests = false
  }

  /** A step with a tree that gave `tokens` tokens in the time of `made`. */
  tried(made: number, tokens: number): void {
    this.lost = Math.max(-this.limits.credit, this.lost + made - tokens)
    if (this.lost > this.limits.limit) this.rests = true
  }
}
