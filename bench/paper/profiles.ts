/** Times of passes: of the machine that this runs on, and of others, as they were measured or published. */
import { cpus } from 'node:os'
import { Core } from '../../src/core/index.js'
import { openRunner } from '../../src/open/open-model.js'
import { openModels } from '../../src/open/open-models.js'
import { checkOptions } from '../../src/open/check-options.js'
import { sizesFor } from '../../src/open/sizes.js'
import { timeDraft, timeTarget } from '../../src/open/timed.js'
import { passMs, type Profile } from '../../src/speculation/pass-times.js'
import offload from '../results/offload-big.json' with { type: 'json' }
import passes from '../results/passes.json' with { type: 'json' }
import type { MachineProfile, Times } from './hardware.js'
import { STREAMED } from './headline.js'

const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
/** Tokens of context. */
const SLOTS = 256

/** The profile of this target on this machine, timed anew: the one that is kept may be from a busy minute. */
export async function measured(target: string): Promise<MachineProfile> {
  const core = Core.load()
  const options = checkOptions({ target })
  const models = await openModels(options)
  const sizes = await sizesFor(options, models)
  const runner = await openRunner(core, models.model, sizes.target, options)
  const draft = models.draftModel!
  const draftRunner = await openRunner(core, draft, { ...sizes.draft, vocab: runner.vocab }, options)
  const timed = {
    target: await timeTarget(options, models.model, runner, sizes),
    draft: await timeDraft(options, { ...draft, runner: draftRunner }, { ...models.model, runner }, sizes),
  }
  await timed.target.again()
  await timed.draft.again()
  await runner.dispose()
  await draftRunner.dispose()
  const { profile } = timed.draft
  return {
    machine: `${cpus()[0].model}, ${target}`,
    source: `the engine's own profile at ${SLOTS} tokens, timed up to ${timed.target.profile.rows.at(-1)} rows`,
    target: timesOf(timed.target.profile),
    draft: timesOf(profile, profile.drawMs),
  }
}

/** `drawMs`: of each row besides. */
function timesOf(profile: Profile, drawMs = 0): Times {
  return { rows: ROWS, ms: ROWS.map((rows) => passMs(profile, rows, SLOTS) + rows * drawMs) }
}

/** Milliseconds of a level of SmolLM2's draft on the Xeon, timed between passes of its target. */
const XEON_DRAFT_MS = 1.7

/** Those of other machines. `demo-config.json` of the paper's code states times of passes up to 32 rows. */
export function others(): MachineProfile[] {
  const { rows } = passes.results
  const threads = Math.max(...rows.map((row) => row.threads))
  const xeon = rows.find((row) => row.threads === threads && row.context === SLOTS)!
  const streamed = offload.results.passes.rows
  return [
    {
      machine: `${passes.machine.cpu}, smollm2-135m`,
      source: 'bench/results/passes.json',
      target: {
        rows: [1, 4, 8, 16, 32],
        ms: [xeon['t(1), ms'], xeon['t(4), ms'], xeon['t(8), ms'], xeon['t(16), ms'], xeon['t(32), ms']],
      },
      draft: { rows: [1], ms: [XEON_DRAFT_MS] },
    },
    {
      machine: STREAMED,
      source: 'bench/results/offload-big.json; a level drafts for as long as a pass of SmolLM2-135M takes',
      target: { rows: streamed.map((row) => row.nodes), ms: streamed.map((row) => 1000 * row['pass, s']) },
      draft: { rows: [1], ms: [xeon['t(1), ms']] },
    },
    {
      machine: 'demo of the paper',
      source: 'demo-config.json of Infini-AI-Lab/Sequoia',
      target: { rows: [1, 2, 4, 8, 16, 32], ms: [10, 10, 10, 12, 14, 18] },
      draft: { rows: [1], ms: [0.3] },
    },
  ]
}
