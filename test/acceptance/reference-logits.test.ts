/**
 * fp32 logits of Gemma 3 270M's published file against PyTorch on the weights that the `gguf` package dequantizes: a
 * short text whole, and the end of one that is longer than the model's window (512). `SEQUOIA_PYTHON` names a Python
 * with torch, transformers and gguf.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeArranged } from '../support/bits.js'
import { using } from '../support/imported.js'
import { isAtHand, realModel } from '../support/real-models.js'
import { tempFolder } from '../support/temp-folder.js'

const SCRIPT = fileURLToPath(new URL('reference_logits.py', import.meta.url))
const NEEDS = 'torch==2.15.0 transformers==5.24.0 gguf==0.19.0'
/** Largest difference of two logits, which go up to 30 and more. */
const BOUND = 1e-3
const gemma = realModel('gemma3-270m')
const reference = suite('reference logits')

interface Answer {
  window: number
  greedy: number[]
}

/** PyTorch's logits of the rows from `from` on, [rows, vocab]. */
function byTorch(program: string, ids: readonly number[], from: number): Answer & { logits: Float32Array } {
  const out = join(tempFolder(), 'logits')
  const rows = Array.from({ length: ids.length - from }, (_, i) => from + i)
  const { status, error, stdout, stderr } = spawnSync(program, [SCRIPT], {
    input: JSON.stringify({ gguf: gemma.file, ids, rows, out }),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${program} ${SCRIPT}: ${error?.message ?? stderr}`)
  const bytes = readFileSync(out)
  return {
    ...(JSON.parse(stdout) as Answer),
    logits: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
  }
}

const program = process.env.SEQUOIA_PYTHON
if (program === undefined) console.log(`skipped (SEQUOIA_PYTHON names a Python with ${NEEDS}): reference logits`)
const check = program !== undefined && isAtHand(gemma) ? reference : reference.skip

for (const [what, length, from] of [
  ['a text of 48 tokens', 48, 0],
  ['the last 64 of 768 tokens, beyond the window', 768, 704],
] as const)
  check(`Gemma 3 270M, fp32: logits of ${what} are PyTorch's`, async () => {
    const ids = [...(await gemma.begins()), ...(await gemma.text())].slice(0, length)
    const { window, greedy, logits } = byTorch(program!, ids, from)
    await using(gemma.open('fp32', { slots: length }), async (forward) => {
      const { vocab } = forward.info
      const ours = await decodeArranged(forward, ids, { chunk: () => 32, from })
      assert.is(ours.length, logits.length)
      const most = ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - logits[i])), 0)
      const largest = logits.reduce((worst, value) => Math.max(worst, Math.abs(value)), 0)
      const likeliest = greedy.map((_, row) => indexOfMost(ours.subarray(row * vocab, (row + 1) * vocab)))
      console.log(
        `${what}, window ${window}: ${greedy.length} rows of ${vocab}, largest difference ${most.toExponential(2)} ` +
          `of logits up to ${largest.toFixed(1)}`,
      )
      assert.equal(likeliest, greedy)
      assert.ok(most < BOUND, `logits differ by up to ${most}`)
    })
  })

function indexOfMost(row: Float32Array): number {
  let best = 0
  row.forEach((value, i) => {
    if (value > row[best]) best = i
  })
  return best
}

reference.run()
