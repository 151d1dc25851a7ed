/** Records a real pair's logits: at every position of answers that the target wrote itself, its row and the draft's. */
import { extend } from '../src/passes/appending.js'
import type { Core } from '../src/core/index.js'
import { openModel, openRunner } from '../src/open/open-model.js'
import { checkOptions } from '../src/open/check-options.js'
import type { ModelRunner } from '../src/passes/model-runner.js'
import prompts from './prompts.json' with { type: 'json' }

/** Tokens of each answer. */
const ANSWER = 48
/** Temperature the answers are written at. */
const TEMPERATURE = 0.8

/** Rows in wasm memory, float32 [count, vocab] each; row i of both is the same position. */
export interface RecordedRows {
  count: number
  vocab: number
  targetPtr: number
  draftPtr: number
}

/** Lets the target answer `questions` held-out prompts and keeps both models' logits at every token of the answers. */
export async function recordRows(
  core: Core,
  targetName: string,
  draftName: string,
  questions: number,
): Promise<RecordedRows> {
  const options = checkOptions({ target: targetName })
  const targetModel = await openModel(targetName, options)
  const draftModel = await openModel(draftName, options)
  const target = await openRunner(core, targetModel, { maxSlots: 1024, maxLogitRows: ANSWER }, options)
  const draft = await openRunner(core, draftModel, { maxSlots: 1024, maxLogitRows: ANSWER }, options)
  const { vocab } = target
  const rows = {
    count: 0,
    vocab,
    targetPtr: core.alloc(questions * ANSWER * vocab * 4),
    draftPtr: core.alloc(questions * ANSWER * vocab * 4),
  }
  for (const [i, content] of prompts.chat.slice(0, questions).entries()) {
    const prompt = targetModel.template!.encode([{ role: 'user', content }])
    const answer = await write(core, target, prompt, i)
    for (const [runner, pointer] of [
      [target, rows.targetPtr],
      [draft, rows.draftPtr],
    ] as const) {
      await score(runner, prompt, answer)
      core
        .u8(pointer + rows.count * vocab * 4, answer.length * vocab * 4)
        .set(core.u8(runner.logitsPtr, answer.length * vocab * 4))
    }
    rows.count += answer.length
  }
  await target.dispose()
  await draft.dispose()
  return rows
}

/** ANSWER tokens by plain decoding; stop tokens are written like any other. */
async function write(core: Core, runner: ModelRunner, prompt: readonly number[], choice: number): Promise<number[]> {
  const cache = runner.memory.open()
  const answer: number[] = []
  await extend(runner, cache, prompt, true)
  while (answer.length < ANSWER) {
    answer.push(
      core.chooseToken(
        runner.logitsAt(0),
        runner.vocab,
        { temperature: TEMPERATURE, topK: 0, topP: 1, minP: 0 },
        { seed: 1n, choice },
        cache.length - 1,
      ),
    )
    if (answer.length < ANSWER) await extend(runner, cache, answer.slice(-1), true)
  }
  cache.release()
  return answer
}

/** Leaves the logits that each token of the answer was chosen from in rows 0 .. of the runner. */
async function score(runner: ModelRunner, prompt: readonly number[], answer: readonly number[]): Promise<void> {
  const cache = runner.memory.open()
  await extend(runner, cache, prompt.slice(0, -1), false)
  const tokens = Int32Array.from([prompt[prompt.length - 1], ...answer.slice(0, -1)])
  const slots = cache.allocate(tokens.length)
  const liveSlots = cache.liveSlots
  runner.mask(
    cache,
    tokens.map((_, i) => i - 1),
    slots,
    liveSlots,
  )
  const positions = tokens.map((_, i) => cache.length + i)
  await runner.run(
    { tokens, positions, slots, lanes: tokens.map(() => cache.lane) },
    liveSlots,
    0,
    tokens.map((_, i) => i),
    0,
  )
  cache.free(slots)
  cache.release()
}
