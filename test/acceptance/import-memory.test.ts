/**
 * Import of large shapes, of generated weights, in the usual format: a process takes at most 1 GB and twice the largest
 * tensor as float32, and says which layer it is at. Memory does not go by the number of layers,
 * so that of the 7B shape some of 32 are enough. Takes long; files of some gigabytes are written and removed.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SHAPES } from '../../bench/formats/shapes.js'
import { BIG } from '../../bench/offload/big-model.js'
import { writeBlocks } from '../../bench/offload/write-gguf.js'
import { canonicalTensors, plainSpec, type PlainShape } from '../../src/architectures/index.js'
import { finished } from '../support/cli.js'
import type { ImportOutcome, ImportRun } from '../support/import-child.js'
import { nodeArgs } from '../support/program.js'
import { tempFolder } from '../support/temp-folder.js'
import { testedFormat } from '../support/tested-format.js'

const CHILD = nodeArgs(import.meta.resolve('../support/import-child.js'))
const memory = suite('import memory')
const check = process.platform === 'linux' ? memory : memory.skip

const models: readonly (readonly [name: string, shape: PlainShape])[] = [
  ['1.1B, all 22 layers', SHAPES['1.1b']],
  ['7B, 4 of its 32 layers', { ...BIG, layers: 4 }],
]

/** Bytes of the largest tensor as float32. */
function largestTensor(shape: PlainShape): number {
  const tensors = canonicalTensors(plainSpec(shape)).map(({ shape }) => shape.reduce((all, size) => all * size, 4))
  return Math.max(...tensors)
}

async function imported(given: ImportRun): Promise<ImportOutcome> {
  const child = spawn(process.execPath, [...CHILD, JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, out, err } = await finished(child)
  assert.is(code, 0, err)
  return JSON.parse(out) as ImportOutcome
}

for (const [name, shape] of models)
  check(`${testedFormat}: ${name}`, async () => {
    const folder = join(tempFolder(), `${shape.hidden}`)
    mkdirSync(folder)
    const source = join(folder, 'model.gguf')
    try {
      await writeBlocks(source, shape, 'Q4_0')
      const { peakBytes, parts } = await imported({ source, cacheDir: folder, format: testedFormat })
      const bound = 2 * largestTensor(shape) + 1e9
      console.log(
        `${testedFormat}, ${name}: peak ${(peakBytes / 1e9).toFixed(2)} GB of ${(bound / 1e9).toFixed(2)} allowed ` +
          `(largest tensor ${(largestTensor(shape) / 1e9).toFixed(2)} GB), ${parts.length} parts told`,
      )
      for (let i = 1; i <= shape.layers; i++)
        assert.ok(parts.includes(`layer ${i} of ${shape.layers}`), `nothing told of layer ${i}`)
      assert.ok(peakBytes <= bound, 'more memory than twice the largest tensor and 1 GB')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

memory.run()
