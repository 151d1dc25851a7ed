/**
 * Opens an engine in stages: resolve and import the models, share memory out, open their passes, time them on this
 * machine, check that bits are exact, and put the parts together.
 */
import { drafters as drafterEntries } from '../../plugins/drafters/index.js'
import type { Engine, EngineOptions } from '../api/types.js'
import { Core } from '../core/index.js'
import { DecodingEngine } from '../engine/engine.js'
import { APART } from '../engine/prompts.js'
import { Recorder } from '../observe/recorder.js'
import { traceRequests } from '../observe/tracing.js'
import { Keeper, learnedPath } from '../speculation/learned-keeper.js'
import { type AcceptanceBySampling, type Learned, readLearned } from '../speculation/learned.js'
import { passMs } from '../speculation/pass-times.js'
import { Speculation } from '../speculation/speculation.js'
import { tuningOf } from '../speculation/tuning.js'
import type { Drafter } from '../strategies/drafter.js'
import { openDrafters, type DraftModel } from '../strategies/drafter-entry.js'
import { speaking } from '../text/speaking.js'
import { closingOnFailure, type Keep } from './closing.js'
import { defaultDraft } from './default-draft.js'
import { fingerprintOf } from './fingerprint.js'
import { firstOpenLine } from './first-open-line.js'
import { openRunner } from './open-model.js'
import { openModels, type OpenedModels } from './open-models.js'
import type { CheckedOptions } from './check-options.js'
import { settle, type Settled } from './settle.js'
import { sizesFor, type EngineSizes } from './sizes.js'
import type { TimedPasses } from '../speculation/time-passes.js'
import { checkExactness, requireEqualReplays, timeDraft, timeTarget } from './timed.js'

const USUAL_PREFIX_BYTES = 128 * 2 ** 20

/**
 * Milliseconds of a step's bookkeeping: masks, slots, text (`npm run bench -- pair` prints the share outside passes).
 */
const FIXED_STEP_MS = 0.08

/** Acceptance by rank that a model draft starts from when it ships no measured vector. */
const PRIOR_ACCEPTANCE = [[0.5, 0.12, 0.06, 0.035, 0.025, 0.018, 0.013, 0.01]]

/**
 * Opens a target model and its drafts for decoding. First use of a model pulls and imports it and times its passes,
 * which takes from seconds to a minute; afterwards opening takes under two seconds.
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
  const onProgress = given.onProgress ?? firstOpenLine(given.target)
  const { options, draft: choice, reasons } = await settle({ ...given, onProgress })
  const models = await openModels(options, choice)
  const sizes = await sizesFor(options, models)
  return closingOnFailure(async (keep) => {
    for (const drafter of options.drafters) keep(drafter)
    const core = Core.load()
    const target = await openTarget(core, options, models, sizes, keep)
    const draft = await openDraftModel(core, options, models, sizes, target, keep)
    const timed = [target.timed, ...(draft ? [draft.timed] : [])]
    const acceptance = models.draftModel?.manifest.acceptance ?? { greedy: PRIOR_ACCEPTANCE, sampled: PRIOR_ACCEPTANCE }
    // Of the user's own drafters nothing is kept: the next process may have other ones under the same names.
    const path = options.drafters.length > 0 ? null : learnedPath(options.cacheDir, options.planner.name, timed)
    const known = {
      timed,
      acceptance,
      path,
      learned: path === null ? null : await readLearned(path, acceptance, Date.now()),
    }
    const engine = assemble(core, options, reasons, models, sizes, target, draft, known)
    await traceRequests(engine)
    return engine
  })
}

type Target = Awaited<ReturnType<typeof openTarget>>
type Draft = Awaited<ReturnType<typeof openDraftModel>>

/** Opens the target's passes, times and checks them. */
async function openTarget(
  core: Core,
  options: CheckedOptions,
  { model }: OpenedModels,
  sizes: EngineSizes,
  keep: Keep,
) {
  const silent = model.tokenizer.missing(model.manifest.spec.vocab)
  const runner = keep(await openRunner(core, model, { ...sizes.target, silent }, options))
  const { widths } = sizes.target
  await requireEqualReplays(runner, widths)
  const timed = await timeTarget(options, model, runner, sizes)
  return { runner, timed, exactness: await checkExactness(options, model, runner, timed, widths) }
}

/** Opens the draft's passes and times them; null where no model drafts. */
async function openDraftModel(
  core: Core,
  options: CheckedOptions,
  { model: targetModel, draftModel }: OpenedModels,
  sizes: EngineSizes,
  target: Target,
  keep: Keep,
) {
  if (!draftModel) return null
  // Equal tokenizers may lie under heads that are padded to different lengths.
  const { vocab, limits } = target.runner
  const runner = keep(await openRunner(core, draftModel, { ...sizes.draft, vocab, silent: limits.silent }, options))
  await requireEqualReplays(runner, sizes.draft.widths)
  const timed = await timeDraft(options, { ...draftModel, runner }, { ...targetModel, runner: target.runner }, sizes)
  const { profile } = timed
  const model: DraftModel = {
    runner,
    standIn: draftModel.manifest.standIn,
    passMs: (...pass) => passMs(profile, ...pass),
    drawMs: () => profile.drawMs,
  }
  return { runner, timed, model }
}

/** What is known of both models on this machine, and where it is kept. */
interface Known {
  timed: readonly TimedPasses[]
  acceptance: AcceptanceBySampling
  path: string | null
  learned: Learned | null
}

/** Puts the opened parts together. */
function assemble(
  core: Core,
  options: CheckedOptions,
  reasons: Settled['reasons'],
  { choice, model, draftModel }: OpenedModels,
  { maxContext, maxBatch, limits, memory }: EngineSizes,
  { runner, timed, exactness }: Target,
  draft: Draft,
  { timed: passes, acceptance, path, learned }: Known,
): DecodingEngine {
  const drafters = new Map<string, Drafter>([
    ...options.drafters.map((drafter) => [drafter.name, drafter] as const),
    ...openDrafters(drafterEntries, { model: draft?.model ?? null, pastTokens: options.pastTokens }),
  ])
  // A limit on K/V memory is the requests' own to use up.
  const hasApart = maxBatch > 1 && !memory && options.kvBytes === undefined
  const apart = hasApart ? runner.withCache({ maxRows: APART.rows, maxLanes: APART.prompts }) : null
  const { profile } = timed
  const policy = {
    core,
    planner: options.planner,
    target: profile,
    overheadMs: () => FIXED_STEP_MS + 2 * profile.drawMs,
    limits,
    acceptance,
    learned,
    corrections: passes.map(({ corrections }) => corrections),
  }
  const drafted = draft && { drafter: drafters.get('model')!, times: draft.timed.profile }
  const tuning: Engine['tuning'] = (...asked) => tuningOf({ ...policy, draft: drafted }, ...asked)
  const sampling = options.samplingDefaults === 'model' ? (model.manifest.sampling ?? {}) : {}
  const speculation = new Speculation(policy)
  const { key, shown } = defaultDraft(choice, draftModel?.manifest.name)
  return new DecodingEngine({
    info: {
      model: model.name,
      format: model.manifest.format,
      formatReason: reasons.format,
      device: options.address,
      runtime: runner.forward.kind,
      draft: shown,
      draftReason: reasons.draft,
      drafts: [...drafters.keys()],
      maxContext,
      maxRequests: maxBatch + options.maxQueue,
      vocabSize: Math.min(model.tokenizer.vocabSize, model.manifest.spec.vocab),
      sampling,
      thinks: (model.template?.thinking ?? null) !== null,
      maxBatch,
      fingerprint: fingerprintOf(model.manifest, sampling),
      ...exactness,
      streamed: memory,
      plan: tuning().summary,
    },
    models: {
      target: runner,
      apart,
      runners: [runner, ...(draft ? [draft.runner] : []), ...(apart ? [apart] : [])],
    },
    text: {
      tokenizer: model.tokenizer,
      speaking: speaking(model.tokenizer, model.template?.spoken ?? []),
      template: model.template,
      bosToken: model.manifest.bosToken,
      source: model.text,
      stopTokens: model.manifest.stopTokens,
    },
    strategies: { drafters, defaultDraft: key, verifiers: options.verifiers },
    speculation,
    timing: { passes, tuning, keeper: new Keeper(speculation, path, passes) },
    limits: {
      maxBatch,
      maxQueue: options.maxQueue,
      timeoutMs: options.timeoutMs,
      prefixCacheBytes: options.prefixCacheBytes ?? (exactness.bitExact && !memory ? USUAL_PREFIX_BYTES : 0),
      cells: memory?.cells ?? null,
    },
    recorder: new Recorder(),
  })
}
