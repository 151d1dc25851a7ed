/** Time and check stages: the passes of an opened model measured on this machine, and whether their bits are exact. */
import { remark } from '../common/progress.js'
import { formatNamed } from '../formats/index.js'
import { hasEqualBits } from '../passes/equal-bits.js'
import { hasEqualBitsAtLengths, lengthsUpTo } from '../passes/equal-lengths.js'
import type { ModelRunner } from '../passes/model-runner.js'
import { SHOWN_BLOCK } from '../runtime/kv/device.js'
import { timePasses, type TimedPasses } from '../speculation/time-passes.js'
import type { OpenedModel } from './open-model.js'
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
  const { threads, address: device, cacheDir, onProgress } = options
  const { residentLayers, deviceLayers = 0 } = target
  const where = deviceLayers > 0 ? `${device}, ${deviceLayers} layers` : device
  const key = { modelDir: model.dir, threads, residentLayers, device: where }
  return timePasses(runner, cacheDir, key, onProgress)
}

/** The same for the draft, with passes of the target in between as in decoding. */
export function timeDraft(
  { threads, cacheDir, address, onProgress }: CheckedOptions,
  draft: Opened & { runner: ModelRunner },
  target: Opened & { runner: ModelRunner },
  { memory }: EngineSizes,
): Promise<TimedPasses> {
  // A streamed pass waits for the disk: to have one before each of the draft's would take longer than anyone waits.
  const between = memory?.isStreamed ? undefined : { runner: target.runner, modelDir: target.dir }
  return timePasses(
    draft.runner,
    cacheDir,
    { modelDir: draft.dir, threads, between, device: draft.manifest.device && address },
    onProgress,
  )
}

/**
 * Whether equal texts have equal bits on this processor; where a format promises it and it is not so, that is told.
 * `widths`: rows of a device's passes, each of which has to give the bits of the others.
 */
export async function checkExactness(
  { onProgress }: CheckedOptions,
  { manifest }: Opened,
  runner: ModelRunner,
  { profile }: TimedPasses,
  widths?: readonly number[],
): Promise<boolean> {
  const { integers } = manifest
  const format = formatNamed(manifest.format)
  if (widths) {
    const lengths = lengthsUpTo(runner.limits.maxSlots, SHOWN_BLOCK)
    const all = { widths, lengths, step: SHOWN_BLOCK }
    return (await hasEqualBits(runner, widths)) && (await hasEqualBitsAtLengths(runner, all))
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
  return isExact
}
