/** The files of an import by role: what is written, what the manifest says of it, and what is opened. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fileNames, writeFiles, type Contents } from '../../src/import/import-files.js'
import { tempFolder } from '../support/temp-folder.js'

const test = suite('import files')
const CONTENTS: Contents = { graph: Uint8Array.of(1), single: Uint8Array.of(2), tokenizer: { tokens: 3 } }

function write(dir: string, others: Contents): ReturnType<typeof writeFiles> {
  return writeFiles(
    dir,
    (file) => file.add('w', 'float32', [1], Float32Array.of(1)),
    () => others,
  )
}

test('every file that is written stands in the manifest by its role, with its size and hash', async () => {
  const dir = tempFolder()
  const { files, checks } = await write(dir, CONTENTS)
  assert.equal(files, {
    graph: 'graph.onnx',
    single: 'graph-single.onnx',
    weights: ['weights.bin'],
    tokenizer: 'tokenizer.json',
  })
  assert.equal(fileNames({ files }).sort(), Object.keys(checks).sort())
  assert.is(readFileSync(join(dir, 'tokenizer.json'), 'utf8'), '{"tokens":3}')
  assert.equal(checks['graph.onnx'].bytes, 1)
})

test('roles of a group stand in it under their key', async () => {
  const streamed: Contents = {
    ...CONTENTS,
    'streamed.layer': Uint8Array.of(1),
    'streamed.singleLayer': Uint8Array.of(2),
    'streamed.head': Uint8Array.of(3),
    'streamed.layout': { layers: [] },
  }
  const { files, checks } = await write(tempFolder(), streamed)
  assert.equal(files.streamed, {
    layer: 'layer.onnx',
    singleLayer: 'layer-single.onnx',
    head: 'head.onnx',
    layout: 'layers.json',
  })
  assert.is(files.long, undefined)
  assert.equal(fileNames({ files }).sort(), Object.keys(checks).sort())
})

test.run()
