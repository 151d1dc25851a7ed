/** W8A8: weights and activations rounded to 8 bits, V cached as integers, every sum over weights or slots exact. */
import { blockTable } from '../q4/table.js'
import type { WeightFormat } from '../weight-format.js'
import { balance, balanceHead } from './balance.js'
import { bestIntegers, exactIntegers } from './exact-integers.js'
import { integerLinears } from './linears.js'
import { integerTable } from './table.js'

export const w8a8 = {
  name: 'w8a8',
  ownBasisRevision: 3,
  devices: ['cpu'],
  usualOn: ['cpu'],
  streams: true,
  exact: true,
  basis: 'rotated',
  integers: { best: bestIntegers, areExact: async (type) => (await exactIntegers()).includes(type) },
  calibration: { rows: ['qkv', 'o', 'gateUp'], largest: ['down'], balance, balanceHead },
  linears: integerLinears,
  table: integerTable,
  // A row of single channels that reach far loses by one step: Gemma 3 270M's KL to fp32 is .0013 by that alone.
  ownBasisTable: blockTable,
  refuses: () => null,
} as const satisfies WeightFormat
