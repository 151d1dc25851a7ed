// @process native
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../src/cli/dispatch.js'
import { printed } from '../support/console.js'
import { tempFolder } from '../support/temp-folder.js'

const measured = fileURLToPath(new URL('../fixtures/acceptance-vector.json', import.meta.url))
const plan = suite('sequoia plan')
const cli = (args: readonly string[]) => printed(() => run(args))

plan('prints the tree and its expected tokens, as known for the published vector', async () => {
  const { code, out } = await cli(['plan', '--acceptance', measured, '--nodes', '8', '--depth', '2', '--json'])
  assert.is(code, 0)
  const { expectedTokens, parents, nodes, depth } = JSON.parse(out)
  assert.ok(Math.abs(expectedTokens - 2.374334) < 1e-6, String(expectedTokens))
  assert.equal([parents.length, parents[0], nodes, depth], [8, -1, 8, 2])
})

plan('draws the tree for people', async () => {
  const { out } = await cli(['plan', '--acceptance', measured, '--nodes', '3', '--depth', '1'])
  assert.is(out, '1.742129 expected tokens a step from 3 nodes within 1 levels\n0 root\n  1 (rank 0)\n  2 (rank 1)\n')
})

plan('refuses files that hold no probabilities, and trees that do not exist', async () => {
  const folder = tempFolder()
  const files: [string, string, RegExp][] = [
    ['none.json', '{"q": [0.5]}', /no such list in it/],
    ['words.json', '[0.5, "x"]', /entry 1 is "x"/],
    ['beyond.json', '[1.5]', /entry 0 is 1.5/],
    ['broken.json', '[0.5', /JSON/],
  ]
  for (const [name, text] of files) await writeFile(join(folder, name), text)
  for (const [name, , words] of files) {
    const { code, err } = await cli(['plan', '--acceptance', join(folder, name), '--nodes', '2', '--depth', '1'])
    assert.is(code, 2)
    assert.match(err, words)
  }
  const impossible = await cli(['plan', '--acceptance', measured, '--nodes', '100', '--depth', '1'])
  assert.is(impossible.code, 2)
  assert.match(impossible.err, /no tree of 100 nodes fits into 1 levels/)
})

plan('a byte order mark before the vector is ignored', async () => {
  const file = join(tempFolder(), 'marked.json')
  await writeFile(file, '\uFEFF{"p": [0.6, 0.2]}')
  const { code, out } = await cli(['plan', '--acceptance', file, '--nodes', '2', '--depth', '1'])
  assert.is(code, 0)
  assert.match(out, '1.600000 expected tokens')
})

plan.run()
