/** When 4 bits serve a model better than 8: by what is known before it is imported. */
import type { MachineFacts, SourceFacts, Verdict } from '../weight-format.js'

/** Share of a file's weights that 4-bit kinds hold, from which on it counts as a 4-bit file. */
const MOSTLY = 0.5
/** Bytes a weight: in 8 bits, and of a 4-bit file here, whose other tensors have 8 bits. */
const [BYTES_8, BYTES_4] = [1, 0.65]
/** Share of the memory that weights may take. */
const ROOM = 0.8
/**
 * Weights of a model from which on reading them bounds a plain pass. With AVX2 alone that differs by processor. Passes
 * of one row, which q4 fills up to two there, took in ms: of 461 million weights 25.7 in 8 bits and 20.0 in 4 on a Zen
 * 3; of 1.1 billion 85 and 103 on a Zen 1.
 */
const LARGE = 400e6

/** Numbers for people: `1.2 billion`. */
const counted = (weights: number): string =>
  weights >= 1e9 ? `${(weights / 1e9).toFixed(1)} billion` : `${Math.round(weights / 1e6)} million`
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

export function suits({ weights, fourBitShare }: SourceFacts, machine: MachineFacts): Verdict {
  const no = (why: string): Verdict => ({ fits: false, why })
  if (fourBitShare < MOSTLY)
    return no(
      `${Math.round(100 * fourBitShare)} % of the weights are in 4 bits in the file, and others would lose by it`,
    )
  const room = ROOM * machine.memoryBytes
  if (weights * BYTES_8 > room && weights * BYTES_4 <= room)
    return {
      fits: true,
      isNeeded: true,
      why:
        `the file's own 4 bits fit in the memory of ${gigabytes(machine.memoryBytes)}, ` +
        `8 bits for ${counted(weights)} weights do not`,
    }
  if (weights < LARGE) return no(`4 bits pay from ${counted(LARGE)} weights on, and this model has ${counted(weights)}`)
  const has = new Set(machine.extensions ?? [])
  if (has.has('amx_int8')) return no('AMX multiplies 8 bits faster than 4')
  if (machine.arch !== 'x64' || !['avx512_vnni', 'avx_vnni'].some((name) => has.has(name)))
    return no(
      'without VNNI the arithmetic of 4 bits may outweigh the bytes they save; "sequoia tune --format all" tells ' +
        'whether it does here',
    )
  return { fits: true, why: `plain passes read ${counted(weights)} weights, and the file's own 4 bits are half of 8` }
}
