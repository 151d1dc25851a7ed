/**
 * How far what guesses promise can be trusted in the text at hand: trust = min(1, accepted / promised), in tokens, both
 * fading from step to step. While nothing is guessed it goes back to 1, slowly, so that a text that turns repetitive is
 * noticed.
 */
import { TRUST } from '../../src/strategies/policy.js'

export class Trust {
  private promised: number = TRUST.priorTokens
  private accepted: number = TRUST.priorTokens

  get factor(): number {
    return Math.min(1, this.accepted / this.promised)
  }

  /** A tree that promised so many accepted tokens had so many. */
  saw(promised: number, accepted: number): void {
    this.promised += promised - this.promised / TRUST.memory
    this.accepted += accepted - this.accepted / TRUST.memory
  }

  /** Nothing was guessed. */
  drift(): void {
    this.promised += (TRUST.priorTokens - this.promised) / TRUST.memory
    this.accepted += (TRUST.priorTokens - this.accepted) / TRUST.memory
  }
}
