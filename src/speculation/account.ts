/**
 * One account of what trees really cost, in tokens: loss += (tokens of plain decoding in a tree's time) - (its tokens).
 * Luck evens out, so trees may lose a little; once the loss is over the limit they rest, and plain steps pay it off by
 * `share` of their tokens. So whatever estimates say, decoding is slower than plain decoding by that share and the
 * limit at most.
 */
import type { AccountLimits } from '../strategies/policy.js'

/** An account as it stands. */
export interface Balance {
  loss: number
  rests: boolean
}

export class Account {
  private loss: number
  private rests: boolean

  constructor(
    private readonly limits: AccountLimits,
    balance: Balance = { loss: 0, rests: false },
  ) {
    this.loss = balance.loss
    this.rests = balance.rests
  }

  get balance(): Balance {
    return { loss: this.loss, rests: this.rests }
  }

  /** Whether trees may be tried. */
  get isOpen(): boolean {
    return !this.rests
  }

  /** Whether trees have gained more than they lost, lately. */
  get isWinning(): boolean {
    return this.loss < 0
  }

  /** A step without a tree, in which plain decoding makes `made` tokens. */
  rested(made: number): void {
    const { limit, trial, share } = this.limits
    if (this.loss > 0) this.loss = Math.max(0, this.loss - share * made)
    if (this.loss <= limit - trial) this.rests = false
  }

  /** A step with a tree that gave `tokens` tokens, in whose time plain decoding makes `made`. */
  tried(made: number, tokens: number): void {
    const { limit, credit } = this.limits
    this.loss = Math.max(-credit, this.loss + made - tokens)
    if (this.loss > limit) this.rests = true
  }
}
