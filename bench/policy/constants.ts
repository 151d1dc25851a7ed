/**
 * What each constant of the policy is worth: the replay with it as it is, at a quarter, half, twice and four times its
 * value and switched off, over all scenes and seeds. Tables, which were measured themselves, are left alone.
 */
import * as policy from '../../src/strategies/policy.js'
import type { Score, Scores } from './score.js'

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
  'PLANNING.thinkingMs': 0,
  'ACCOUNTS.limit': 1e9,
  'SHAPES.mostBranches': 1,
}

/** How often its value each constant is tried at. */
const TIMES = [0.25, 0.5, 2, 4]
/** Tried at whole numbers. */
const WHOLE = new Set(['PLANNING.steps', 'SHAPES.mostBranches'])

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

export interface ConstantRow extends Score {
  constant: string
  value: number | null
  /** Whether it is the value that the policy has, or stands for none. */
  how: 'as it is' | 'off' | 'tried'
}

/** A row for the policy as it is, then those of each constant, by value. */
export function constantRows(scores: Scores, names: readonly string[]): ConstantRow[] {
  const rows: ConstantRow[] = []
  const add = (constant: string, value: number | null, how: ConstantRow['how']): void => {
    rows.push({ constant, value, how, ...scores.score() })
    console.error(JSON.stringify(rows[rows.length - 1]))
  }
  add('', null, 'as it is')
  for (const { name, holder, key } of constants(policy, '')) {
    if (!names.includes(name)) continue
    const usual = holder[key]
    for (const value of valuesOf(name, usual)) {
      holder[key] = value
      add(name, value, value === OFF[name] ? 'off' : 'tried')
    }
    holder[key] = usual
  }
  return rows
}

function valuesOf(name: string, usual: number): number[] {
  const tried = TIMES.map((times) => (WHOLE.has(name) ? Math.max(1, Math.round(times * usual)) : times * usual))
  return [...new Set([...tried, ...(name in OFF ? [OFF[name]] : [])])]
}
