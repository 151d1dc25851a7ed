/**
 * One account of what trees really cost, in tokens: loss += (tokens of plain decoding in a tree's time) - (its tokens).
 * Luck evens out, so trees may lose a little; once the loss is over the limit they rest until plain steps have paid off
 * what was too much, by `EVIDENCE.idle` of their tokens. So whatever estimates say, decoding is slower than plain
 * decoding by that share and the limit at most. Gains count up to `ACCOUNTS.many` limits.
 */
import { ACCOUNTS, EVIDENCE } from '../strategies/policy.js'

/** An account as it stands. */
export interface Balance {
  loss: number
  rests: boolean
}

export class Account {
  private loss: number
  private rests: boolean

  constructor(
    /** Tokens that may be lost before trees rest. */
    private readonly limit: number,
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
    if (this.loss > 0) this.loss = Math.max(0, this.loss - EVIDENCE.idle * made)
    if (this.loss <= this.limit) this.rests = false
  }

  /** A step with a tree that gave `tokens` tokens, in whose time plain decoding makes `made`. */
  tried(made: number, tokens: number): void {
    this.loss = Math.max(-ACCOUNTS.many * this.limit, this.loss + made - tokens)
    if (this.loss > this.limit) this.rests = true
  }
}
