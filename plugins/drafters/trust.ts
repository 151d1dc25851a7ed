/**
 * How far what guesses promise can be trusted in the text at hand: trust = min(1, accepted / promised), in tokens, both
 * fading from step to step. While nothing is guessed it goes back to 1, slowly, so that a text that turns repetitive is
 * noticed.
 */
import { EVIDENCE } from '../../src/strategies/policy.js'

export class Trust {
  private promised: number = EVIDENCE.recent
  private accepted: number = EVIDENCE.recent

  get factor(): number {
    return Math.min(1, this.accepted / this.promised)
  }

  /** A tree that promised so many accepted tokens had so many. */
  saw(promised: number, accepted: number): void {
    this.promised += promised - this.promised / EVIDENCE.prior
    this.accepted += accepted - this.accepted / EVIDENCE.prior
  }

  /** Nothing was guessed. */
  drift(): void {
    this.promised += (EVIDENCE.recent - this.promised) / EVIDENCE.prior
    this.accepted += (EVIDENCE.recent - this.accepted) / EVIDENCE.prior
  }
}
