/** Time and check stages: the passes of an opened model measured on this machine, and whether their bits are exact. */
import { remark } from '../common/progress.js'
import { formatNamed } from '../formats/index.js'
import { hasEqualBits, unequalWidths, type PassKind } from '../passes/equal-bits.js'
import { capacitiesUpTo, unequalAmongOthers } from '../passes/equal-lanes.js'
import { lengthsUpTo, unequalAtLengths } from '../passes/equal-lengths.js'
import { unequalReplays } from '../passes/equal-replays.js'
import type { ModelRunner } from '../passes/model-runner.js'
import { SHOWN_BLOCK } from '../runtime/kv/device.js'
import { timePasses, type TimedPasses } from '../speculation/time-passes.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { FIRST_SLOTS, type OpenedModel } from './open-model.js'
import type { CheckedOptions } from './check-options.js'
import type { EngineSizes } from './sizes.js'

type Opened = Pick<OpenedModel, 'dir' | 'manifest'>

/** Times the target's passes, or reads what an earlier opening measured. */
export function timeTarget(
  options: CheckedOptions,
  model: Opened,
  runner: ModelRunner,
  { target }: EngineSizes,
): Promise<TimedPasses> {
  const { threads, cacheDir, onProgress } = options
  const { residentLayers, deviceLayers = 0 } = target
  const device = placeOf(options)
  const where = deviceLayers > 0 ? `${device}, ${deviceLayers} layers` : device
  const key = { modelDir: model.dir, threads, residentLayers, device: where }
  return timePasses(runner, cacheDir, key, onProgress)
}

/** The same for the draft, with passes of the target in between as in decoding. */
export function timeDraft(
  options: CheckedOptions,
  draft: Opened & { runner: ModelRunner },
  target: Opened & { runner: ModelRunner },
  { memory }: EngineSizes,
): Promise<TimedPasses> {
  const { threads, cacheDir, onProgress } = options
  // A streamed pass waits for the disk: to have one before each of the draft's would take longer than anyone waits.
  const between = memory?.isStreamed ? undefined : { runner: target.runner, modelDir: target.dir }
  return timePasses(
    draft.runner,
    cacheDir,
    { modelDir: draft.dir, threads, between, device: draft.manifest.device && placeOf(options), called: 'the draft' },
    onProgress,
  )
}

/** What times are kept by, of where passes compute. */
function placeOf({ address, cudaGraphs }: CheckedOptions): string {
  return cudaGraphs ? `${address}, replayed` : address
}

/**
 * Throws `InvalidArgumentError` where passes that the device replays do not give the logits of passes run afresh.
 * `widths`: rows of its passes.
 */
export async function requireEqualReplays(runner: ModelRunner, widths: readonly number[] = []): Promise<void> {
  if (!runner.forward.replays) return
  const unequal = await unequalReplays(runner, widths)
  if (unequal.length > 0)
    throw new InvalidArgumentError(
      'cudaGraphs',
      `cudaGraphs cannot be used here: passes of ${unequal.join(', ')} rows gave other logits replayed than run ` +
        'afresh; leave cudaGraphs out, and please report it with what "sequoia gpu" says',
    )
}

/** What holds of equal bits. */
export interface Exactness {
  bitExact: boolean
  /** Kinds of a device's passes in which a row has other bits than alone. */
  inexactPasses?: readonly PassKind[]
}

/**
 * Whether equal texts have equal bits on this processor; where a format promises it and it is not so, that is told.
 * `widths`: rows of a device's passes, each of which has to give the bits of the others.
 */
export async function checkExactness(
  { onProgress }: Pick<CheckedOptions, 'onProgress'>,
  { manifest }: Opened,
  runner: ModelRunner,
  { profile }: TimedPasses,
  widths?: readonly number[],
): Promise<Exactness> {
  const { integers } = manifest
  const format = formatNamed(manifest.format)
  if (widths) {
    const inexactPasses = await unequalOnDevice(runner, widths)
    if (inexactPasses.length > 0) onProgress?.(remark(inexactLine(inexactPasses)))
    return { bitExact: inexactPasses.length === 0, inexactPasses }
  }
  const isExact =
    integers !== null &&
    (await format.integers!.areExact(integers)) &&
    (profile.isExact ?? (await hasEqualBits(runner)))
  if (!isExact && format.exact)
    onProgress?.(
      remark(
        "warning: on this processor a token's logits depend on how it is batched; " +
          'trees equal plain decoding up to ties only',
      ),
    )
  return { bitExact: isExact }
}

/** Of each width, length, number of sequences and size of cache that will be used. */
async function unequalOnDevice(runner: ModelRunner, widths: readonly number[]): Promise<PassKind[]> {
  const { maxSlots } = runner.limits
  const lengths = lengthsUpTo(maxSlots, SHOWN_BLOCK)
  const capacities = capacitiesUpTo(FIRST_SLOTS, maxSlots)
  return [
    ...(await unequalWidths(runner, widths)).map((rows) => ({ rows, slots: lengths[0], sequences: 1 })),
    ...(await unequalAtLengths(runner, { widths, lengths, step: SHOWN_BLOCK })),
    ...(await unequalAmongOthers(runner, { widths, capacities })),
  ]
}

function inexactLine(kinds: readonly PassKind[]): string {
  const [{ rows, slots, sequences }] = kinds
  return (
    `on this device a row has other bits than alone in ${kinds.length} kinds of passes, first in those of ${rows} ` +
    `rows of ${sequences} sequence(s) over ${slots} slots; trees equal plain decoding up to ties only`
  )
}
