/** Gathers what `format: 'auto'` is decided by: the model's source, this machine, and what was measured on it. */
import { totalmem } from 'node:os'
import { resolveSource } from '../import/resolve-source.js'
import { sourceFacts } from '../import/source-facts.js'
import { sourceBytes } from '../import/source-stamp.js'
import type { MachineFacts } from '../formats/weight-format.js'
import { instructionSet } from '../runtime/instruction-set.js'
import { draftChoice } from './draft-choice.js'
import { chooseFormat, type FormatChoice } from './format-choice.js'
import { readMeasured } from './measured-formats.js'
import type { CheckedOptions } from './check-options.js'

/** Files below this have too few weights, in whatever bits, for their format to be worth a look into them. */
const SMALL_BYTES = 200e6

/** The format that was asked for, or the one that `auto` comes to. Pulls the model; throws what that throws. */
export async function chosenFormat(options: CheckedOptions): Promise<FormatChoice> {
  const { format, isFormatAsked, device, memory, target, cacheDir, draft, threads } = options
  if (isFormatAsked) return { format, why: `${format}: it was asked for` }
  const facts = {
    device,
    hasBudget: memory !== undefined,
    draft: draftChoice(options).kind,
    measured: null,
    source: null,
    machine: machineFacts(),
  }
  if (device !== 'cpu' || facts.hasBudget) return chooseFormat(facts)
  const source = await resolveSource(target, options)
  const measured = await readMeasured({ cacheDir, source, draft, threads })
  const isLookedAt = measured === null && (await sourceBytes(source)) >= SMALL_BYTES
  return chooseFormat({ ...facts, measured, source: isLookedAt ? await sourceFacts(source, cacheDir) : null })
}

export function machineFacts(): MachineFacts {
  const limit = process.constrainedMemory()
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return { arch: process.arch, extensions: instructionSet(), memoryBytes }
}
