/**
 * q4: weights in 4 bits, a 4-bit file's own where it is one; activations rounded to 8 bits by row and block, V cached
 * as integers; on a GPU activations are halves, and so are K and V. The residual stream keeps the checkpoint's basis: a
 * rotation would leave nothing of the file's weights.
 */
import { bestIntegers, exactIntegers } from '../w8a8/exact-integers.js'
import type { WeightFormat } from '../weight-format.js'
import { blockLinears } from './linears.js'
import { leastRows } from './row-check.js'
import { suits } from './suits.js'
import { blockTable } from './table.js'
import { findValueSteps } from './value-steps.js'

export const q4 = {
  name: 'q4',
  revision: 2,
  ownBasisRevision: 4,
  devices: ['cpu', 'cuda'],
  usualOn: [],
  streams: false,
  halves: true,
  exact: true,
  basis: 'checkpoint',
  featureBasis: 'rotated',
  integers: {
    best: bestIntegers,
    areExact: async (type) => (await exactIntegers()).includes(type) && (await leastRows()) !== null,
    allFine: true,
  },
  leastRows: async (cacheDir) => (await leastRows(cacheDir)) ?? 1,
  calibration: { rows: [], largest: [], balance: findValueSteps },
  linears: blockLinears,
  table: blockTable,
  refuses: () => null,
  suits,
} as const satisfies WeightFormat
