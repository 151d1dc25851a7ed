/**
 * Whether trees pay: an account for each sequence, and one for all that speculate alike, from which new ones start.
 * Alike are those of one drafter, load (by doublings), temperature (0 or above) and kind of tree.
 */
import { ACCOUNTS } from '../strategies/policy.js'
import { Account, type Balance } from './account.js'
import { unseen } from './step-cost.js'
import { KINDS, loadOf, type SpeculationState, type StepOutcome, type TreeKind } from './state.js'

/** A sequence's own. */
export function newAccounts(): SpeculationState['accounts'] {
  return { model: new Account(ACCOUNTS.limit), guess: new Account(ACCOUNTS.limit) }
}

export class Accounts {
  private readonly shared = new Map<string, Account>()

  /** `kept`: balances of another process, by what is alike. */
  constructor(private readonly kept: Readonly<Record<string, Balance>> = {}) {}

  /** By what is alike, those of another process that were not used since included. */
  get balances(): Record<string, Balance> {
    return { ...this.kept, ...Object.fromEntries([...this.shared].map(([alike, { balance }]) => [alike, balance])) }
  }

  /**
   * Whether a sequence, one of `among`, may have a tree of this kind: where its own win, always; where nothing is known
   * of them, as those before it fared.
   */
  allow(state: SpeculationState, kind: TreeKind, among: number): boolean {
    const own = state.accounts[kind]
    return own.isWinning || (own.isOpen && this.sharedBy(state, kind, among).isOpen)
  }

  /**
   * Books a step in whose time plain decoding makes `made` tokens, by steps of `plainMs`. Sequences without a tree made
   * theirs as they would have anyhow; the rest of the time is what the trees cost, in equal parts:
   * cost = unseen (made - sequences without a tree) / (sequences with one).
   */
  book(
    outcomes: readonly StepOutcome[],
    kinds: readonly (TreeKind | null)[],
    { made, plainMs }: { made: number; plainMs: number },
  ): void {
    const among = outcomes.length
    const trees = kinds.filter((kind) => kind !== null).length
    const cost = trees > 0 ? (unseen(plainMs) * (made - (among - trees))) / trees : made / among
    const shared = new Map<Account, number[]>()
    outcomes.forEach(({ state, emitted }, i) => {
      if (!state.drafter || state.request.shape) return
      for (const kind of KINDS) {
        const account = this.sharedBy(state, kind, among)
        const tokens = shared.get(account) ?? []
        shared.set(account, tokens)
        if (kinds[i] === kind) {
          state.accounts[kind].tried(cost, emitted)
          tokens.push(emitted)
        } else state.accounts[kind].rested(made / among)
      }
    })
    for (const [account, tokens] of shared) {
      if (tokens.length > 0) account.tried(cost, tokens.reduce((sum, count) => sum + count) / tokens.length)
      else account.rested(made / among)
    }
  }

  private sharedBy({ drafter, request }: SpeculationState, kind: TreeKind, among: number): Account {
    const alike = JSON.stringify([drafter?.name, loadOf(among), request.sampling.temperature === 0, kind])
    const account = this.shared.get(alike) ?? new Account(ACCOUNTS.many * ACCOUNTS.limit, this.kept[alike])
    this.shared.set(alike, account)
    return account
  }
}
