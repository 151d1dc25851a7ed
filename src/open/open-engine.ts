/**
 * Opens an engine: finds and imports the models, opens their passes, measures this machine, and puts the parts
 * together.
 */
import { drafters as drafterEntries } from '../../plugins/drafters/index.js'
import { Core } from '../core/index.js'
import { InvalidArgumentError } from '../spec/errors.js'
import type { Drafter } from '../strategies/drafter.js'
import { openDrafters, type DraftModel } from '../strategies/drafter-entry.js'
import { calibrate } from '../speculation/time-passes.js'
import { DecodingEngine } from '../engine/engine.js'
import { fingerprintOf } from './fingerprint.js'
import { forwardInfo, openRunner, type OpenedModel } from './open-model.js'
import { openModels } from './open-models.js'
import { formatNamed } from '../formats/index.js'
import { idleBytes } from './budget/idle-bytes.js'
import { budgetFor } from './budget/budget-for.js'
import { checkOptions, type CheckedOptions } from './options.js'
import { Speculation } from '../speculation/speculation.js'
import { IN_MEMORY } from '../runtime/backend.js'
import { bytesPerToken } from '../runtime/kv/store.js'
import { APART } from '../engine/prompts.js'
import { Recorder } from '../observe/recorder.js'
import { passMs, type PassTimes } from '../speculation/pass-times.js'
import { hasEqualBits } from '../passes/equal-bits.js'
import { traceRequests } from '../observe/tracing.js'
import { tuningOf } from '../speculation/tuning.js'
import type { Engine, EngineOptions } from '../api/types.js'

/** Most nodes of one tree, root included, and most levels below the root. */
const LIMITS = { maxNodes: 64, maxDepth: 12 }
/**
 * The same for models in a budget of memory, whose passes cost the more the less of them is in memory: deep trees then
 * pay.
 */
const MOST_DEPTH = 24
/** Requests that decode together where nobody says how many. */
const USUAL_BATCH = 8
const USUAL_PREFIX_BYTES = 128 * 2 ** 20
/** Most nodes of all trees of a step together. */
const MAX_ROWS = 128

/**
 * Milliseconds of a step's bookkeeping: masks, slots, text (`npm run bench -- pair` prints the share outside passes).
 */
const FIXED_STEP_MS = 0.08

/** Acceptance by rank that a model draft starts from when it ships no measured vector. */
const PRIOR_ACCEPTANCE = [[0.5, 0.12, 0.06, 0.035, 0.025, 0.018, 0.013, 0.01]]

/**
 * Opens a target model and its drafts for decoding. First use of a model pulls, imports and calibrates it, which takes
 * from seconds to a minute; afterwards opening takes under two seconds.
 *
 * Throws `InvalidArgumentError` naming the option, `ModelError` naming the file, `RuntimeError` with ONNX Runtime's
 * words.
 *
 * ```ts
 * const engine = await openEngine({ target: 'smollm2-135m' })
 * for await (const part of engine.generate({ prompt: 'Once upon', maxTokens: 20 })) process.stdout.write(part.text)
 * await engine.close()
 * ```
 */
export async function openEngine(given: EngineOptions): Promise<Engine> {
  const options = checkOptions(given)
  const core = Core.load()
  const { choice, model, draftModel } = await openModels(options)

  const longest = contextOf(options, model)
  const memory = await budgetFor(options, model, draftModel, USUAL_BATCH)
  const maxContext = memory?.maxContext ?? longest
  const tokenBytes = [model, draftModel].reduce(
    (sum, one) => sum + (one ? bytesPerToken(forwardInfo(one.manifest).kv) : 0),
    0,
  )
  const maxBatch = memory?.maxBatch ?? batchOf(options, maxContext + LIMITS.maxNodes, tokenBytes)
  const sized = { ...options, maxBatch }
  const limits = memory
    ? { maxNodes: memory.maxNodes, maxDepth: MOST_DEPTH, maxRows: memory.maxNodes }
    : { ...LIMITS, maxRows: maxBatch > 1 ? MAX_ROWS : LIMITS.maxNodes }
  const slots = maxContext + limits.maxNodes
  const room = memory ? { cells: memory.cells, maxRows: memory.passRows } : {}
  const residentLayers = memory?.isStreamed ? memory.residentLayers : undefined
  const streamed = memory && { ...memory, idleBytes: idleBytes() }
  const target = await openRunner(
    core,
    model,
    sized,
    slots,
    limits.maxRows + (memory ? 0 : IN_MEMORY.rowsPerPass),
    { busyMs: 0 },
    { ...room, residentLayers },
  )
  const runners = [target]
  const drafters = new Map<string, Drafter>(options.drafters.map((drafter) => [drafter.name, drafter]))
  try {
    const { integers } = model.manifest
    const format = formatNamed(model.manifest.format)
    const calibration = await calibrate(
      target,
      options.cacheDir,
      { modelDir: model.dir, threads: options.threads, residentLayers, device: options.device },
      options.onProgress,
    )
    const calibrations = [calibration]
    const { profile } = calibration
    const bitExact =
      integers !== null &&
      (await format.integers!.areExact(integers)) &&
      (profile.isExact ?? (await hasEqualBits(target)))
    if (!bitExact && format.exact) {
      options.onProgress?.(
        "warning: on this processor a token's logits depend on how it is batched; trees equal plain decoding up to ties only",
      )
    }
    let draft: (DraftModel & { times: PassTimes }) | null = null
    if (draftModel) {
      const runner = await openRunner(
        core,
        draftModel,
        sized,
        slots,
        limits.maxRows,
        { busyMs: 0 },
        memory ? { ...room, maxRows: memory.draftRows } : {},
      )
      runners.push(runner)
      // A streamed pass waits for the disk: to have one before each of the draft's would take longer than anyone waits.
      const between = memory?.isStreamed ? undefined : { runner: target, modelDir: model.dir }
      const draftCalibration = await calibrate(
        runner,
        options.cacheDir,
        { modelDir: draftModel.dir, threads: options.threads, between },
        options.onProgress,
      )
      calibrations.push(draftCalibration)
      const { profile: draftProfile } = draftCalibration
      draft = {
        runner,
        times: draftProfile,
        passMs: (...pass) => passMs(draftProfile, ...pass),
        drawMs: () => draftProfile.drawMs,
      }
    }
    for (const [name, drafter] of openDrafters(drafterEntries, { model: draft, pastTokens: options.pastTokens }))
      drafters.set(name, drafter)
    // A limit on K/V memory is the requests' own to use up.
    const apart =
      maxBatch > 1 && !memory && options.kvBytes === undefined
        ? target.withCache({ maxRows: APART.rows, maxLanes: APART.prompts })
        : null
    const overheadMs = (): number => FIXED_STEP_MS + 2 * profile.drawMs
    const acceptance = draftModel?.manifest.acceptance ?? { greedy: PRIOR_ACCEPTANCE, sampled: PRIOR_ACCEPTANCE }
    const policy = { core, planner: options.planner, target: profile, overheadMs, limits, acceptance }
    const drawn = draft && { drafter: drafters.get('model')!, times: draft.times }
    const tuning: Engine['tuning'] = (...asked) => tuningOf({ ...policy, draft: drawn }, ...asked)
    const isMerged = choice.kind === 'model' && options.draft === 'auto'
    const chosen = choice.kind === 'own' ? choice.name : choice.kind
    const defaultDraft = isMerged ? 'merged' : chosen
    const engine = new DecodingEngine({
      info: {
        model: model.name,
        format: model.manifest.format,
        device: options.device,
        runtime: target.forward.kind,
        draft: choice.kind === 'model' ? `${draftModel!.manifest.name}${isMerged ? ' + ngram' : ''}` : chosen,
        drafts: [...drafters.keys()],
        maxContext,
        maxRequests: maxBatch + options.maxQueue,
        vocabSize: model.manifest.spec.vocab,
        maxBatch,
        fingerprint: fingerprintOf(model.manifest),
        bitExact,
        streamed,
        plan: tuning().summary,
      },
      models: { target, apart, runners: apart ? [...runners, apart] : runners },
      text: {
        tokenizer: model.tokenizer,
        template: model.template,
        bosToken: model.manifest.bosToken,
        stopTokens: model.manifest.stopTokens,
      },
      strategies: { drafters, defaultDraft, verifiers: options.verifiers },
      speculation: new Speculation(policy),
      timing: { calibrations, tuning },
      limits: {
        maxBatch,
        maxQueue: options.maxQueue,
        timeoutMs: options.timeoutMs,
        prefixCacheBytes: options.prefixCacheBytes ?? (bitExact && !memory ? USUAL_PREFIX_BYTES : 0),
        cells: memory?.cells ?? null,
      },
      recorder: new Recorder(),
    })
    await traceRequests(engine)
    return engine
  } catch (error) {
    for (const drafter of drafters.values()) await drafter.dispose()
    await target.dispose()
    throw error
  }
}

/** Requests that may decode together: each has room for the longest text there may be. */
function batchOf({ maxBatch, kvBytes, maxContext }: CheckedOptions, slots: number, tokenBytes: number): number {
  if (kvBytes === undefined) return maxBatch ?? USUAL_BATCH
  const most = Math.floor(kvBytes / (slots * tokenBytes))
  const wanted = maxBatch ?? Math.min(USUAL_BATCH, most)
  if (wanted >= 1 && wanted <= most) return wanted
  const least = Math.max(1, wanted) * slots * tokenBytes
  throw new InvalidArgumentError(
    'kvBytes',
    `kvBytes ${kvBytes} is too little for ${Math.max(1, wanted)} request(s) of ${slots} tokens at ${tokenBytes} bytes each; give ${least}, or less ${maxContext === undefined || maxBatch === undefined ? 'maxContext' : 'maxContext or maxBatch'}`,
  )
}

function contextOf(options: CheckedOptions, model: OpenedModel): number {
  const trained = model.manifest.spec.maxPositions
  if (options.maxContext !== undefined && options.maxContext > trained) {
    throw new InvalidArgumentError(
      'maxContext',
      `maxContext ${options.maxContext} is beyond what model "${model.manifest.name}" was trained for, ${trained} tokens`,
    )
  }
  return options.maxContext ?? trained
}
