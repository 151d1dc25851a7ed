/**
 * What each constant of the policy is worth: the replay with it as it is, halved, doubled and switched off, over all
 * scenes and seeds. Tables, which were measured themselves, are left alone.
 */
import type { Core } from '../../src/core/index.js'
import * as policy from '../../src/strategies/policy.js'
import { Scores } from './score.js'

/** What switches a constant off, where there is such a value. */
const OFF: Readonly<Record<string, number>> = {}

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
export function constantRows(core: Core, names: readonly string[], seeds: readonly number[]): object[] {
  const scores = new Scores(core, seeds)
  const rows: object[] = [{ constant: 'as it is', ...scores.score() }]
  for (const { name, holder, key } of constants(policy, '')) {
    if (!names.includes(name)) continue
    const usual = holder[key]
    const values = { halved: usual / 2, doubled: 2 * usual, ...(name in OFF && { off: OFF[name] }) }
    for (const [how, value] of Object.entries(values)) {
      holder[key] = value
      rows.push({ constant: name, how, value, ...scores.score() })
    }
    holder[key] = usual
  }
  return rows
}
