import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readInput, readRequest, type InputFile } from '../../../src/scale/batches/input.js'
import { bytesOf, requestLine } from '../support.js'

function fileOf(text: string): InputFile {
  const bytes = Buffer.from(text)
  return {
    read: (from) => bytesOf(bytes.subarray(from).toString()),
    endpoint: '/v1/chat/completions',
    parse: JSON.parse,
  }
}

test('requests are put in the order of their prompts, and read again from their places', async () => {
  const file = fileOf([requestLine('1', 'é b'), '\n', requestLine('2', 'a'), requestLine('3', 'é a')].join(''))
  const { places, model, faults } = await readInput(file)
  assert.equal([places.map(({ customId }) => customId), model, faults], [['2', '3', '1'], 'm', []])
  assert.equal(
    places.map(({ number }) => number),
    [3, 4, 1],
  )
  for (const place of places) assert.is((await readRequest(file, place)).customId, place.customId)
})

test('equal prompts stay in the order of the file', async () => {
  const { places } = await readInput(fileOf(['b', 'c', 'a'].map((id) => requestLine(id, 'x')).join('')))
  assert.equal(
    places.map(({ customId }) => customId),
    ['b', 'c', 'a'],
  )
})

test('there is one model where all name the same', async () => {
  const other = requestLine('2', 'x', { body: { model: 'n', messages: [] } })
  assert.is((await readInput(fileOf(requestLine('1', 'x') + other))).model, null)
  const none = requestLine('2', 'x', { body: { messages: [] } })
  assert.is((await readInput(fileOf(none))).model, null)
})

test('an id that is there already, and a file without requests, are faults', async () => {
  const { faults } = await readInput(fileOf(requestLine('1', 'x') + requestLine('1', 'y')))
  assert.equal(
    faults.map(({ code, line, param }) => [code, line, param]),
    [['duplicate_custom_id', 2, 'custom_id']],
  )
  assert.match(faults[0].message, "line 1's already")
  for (const text of ['', '\n\n'])
    assert.equal(
      (await readInput(fileOf(text))).faults.map(({ code, line }) => [code, line]),
      [['empty_file', null]],
    )
})

test('of very many faults a hundred are told', async () => {
  assert.is((await readInput(fileOf('{}\n'.repeat(150)))).faults.length, 100)
})

test('a file that has changed since is noticed', async () => {
  const { places } = await readInput(fileOf(requestLine('1', 'x')))
  const error = await readRequest(fileOf(requestLine('2', 'x')), places[0]).catch((thrown: Error) => thrown)
  assert.match((error as Error).message, 'line 1 has changed')
})

test.run()
