/**
 * What each constant of the policy is worth: the replay with it as it is, halved, doubled and switched off, over all
 * scenes and seeds. Tables, which were measured themselves, are left alone.
 */
import * as policy from '../../src/strategies/policy.js'
import type { Scores } from './score.js'

/** What switches a constant off, where there is such a value. */
const OFF: Readonly<Record<string, number>> = {
  'EVIDENCE.prior': 0.01,
  'EVIDENCE.memory': 1e9,
  'EVIDENCE.recent': 1,
  'EVIDENCE.outlier': 1e9,
  'EVIDENCE.idle': 0,
  'TREES.unseen.share': 0,
  'TREES.unseen.ms': 0,
  'TREES.forgiveness': 0,
  'PLANNING.steps': 1,
  'PLANNING.plainEvery': 1e9,
  'PLANNING.thinkingMs': 0,
  'ACCOUNTS.limit': 1e9,
  'ACCOUNTS.trial': 0,
  'SHAPES.mostBranches': 1,
  'TRUST.priorTokens': 1e9,
  'TRUST.memory': 1e9,
  'GRAFTS.drawn': 0,
}

interface Constant {
  name: string
  holder: Record<string, number>
  key: string
}

function constants(holder: object, path: string): Constant[] {
  return Object.entries(holder).flatMap(([key, value]: [string, unknown]) => {
    const name = path === '' ? key : `${path}.${key}`
    if (typeof value === 'number') return [{ name, holder: holder as Record<string, number>, key }]
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? constants(value, name) : []
  })
}

export const CONSTANTS = constants(policy, '').map(({ name }) => name)

/** A row for the policy as it is, then those of each constant. */
export function constantRows(scores: Scores, names: readonly string[]): object[] {
  const rows: object[] = [{ constant: 'as it is', ...scores.score() }]
  for (const { name, holder, key } of constants(policy, '')) {
    if (!names.includes(name)) continue
    const usual = holder[key]
    const values = { halved: usual / 2, doubled: 2 * usual, ...(name in OFF && { off: OFF[name] }) }
    for (const [how, value] of Object.entries(values)) {
      holder[key] = value
      const row = { constant: name, how, value, ...scores.score() }
      console.error(JSON.stringify(row))
      rows.push(row)
    }
    holder[key] = usual
  }
  return rows
}
