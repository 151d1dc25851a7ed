// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SequoiaError } from '../../src/spec/errors.js'
import { openForward, whyNotBinding } from '../../src/runtime/open-forward.js'
import { writeToyGraph } from './toy-graph.js'
import { nodeArgs } from '../support/program.js'

async function rejection(promise: Promise<unknown>): Promise<SequoiaError> {
  return promise.then(
    () => assert.unreachable('it did not fail'),
    (error: SequoiaError) => error,
  ) as Promise<SequoiaError>
}

test('the runtime is binding where the C API answers, and portable otherwise', async () => {
  const reason = await whyNotBinding()
  const forward = await openForward(writeToyGraph('int8'))
  assert.is(forward.kind, reason === undefined ? 'binding' : 'portable')
  await forward.dispose()
})

test('where koffi does not load, auto is portable and says why, and binding is an error', () => {
  const script = nodeArgs(import.meta.resolve('./without-koffi.js'))
  const { kind, reason, refused } = JSON.parse(execFileSync(process.execPath, script, { encoding: 'utf8' })) as Record<
    string,
    string
  >
  assert.is(kind, 'portable')
  assert.match(reason, /koffi does not load .*no koffi on this machine/)
  assert.match(refused, /RuntimeError: runtime 'binding' does not work on this machine: koffi does not load/)
})

for (const runtime of ['binding', 'portable'] as const) {
  test(`${runtime}: a missing, a corrupt and a foreign graph are typed errors`, async () => {
    const toy = writeToyGraph('int8')
    const missing = await rejection(openForward({ ...toy, graphPath: '/nowhere/model.onnx' }, { runtime }))
    assert.is(missing.code, 'model_not_found')
    assert.match(missing.message, /no graph at \/nowhere\/model.onnx/)
    const graphPath = join(mkdtempSync(join(tmpdir(), 'sequoia-bad-')), 'model.onnx')
    writeFileSync(graphPath, 'this is no graph')
    const corrupt = await rejection(openForward({ ...toy, graphPath }, { runtime }))
    assert.is(corrupt.code, 'runtime_failed')
    assert.match(corrupt.message, /ONNX Runtime: .*(protobuf|parsing)/is)
    const foreign = await rejection(
      openForward({ ...toy, info: { ...toy.info, kv: { ...toy.info.kv, rows: [16, 16, 16] } } }, { runtime }),
    )
    assert.is(foreign.code, 'runtime_failed')
    assert.match(foreign.message, /no inputs named k_cache\.2, v_cache\.2/)
  })

  test(`${runtime}: a graph for one sequence refuses lanes`, async () => {
    const single = writeToyGraph('int8', false)
    assert.match(
      (await rejection(openForward(single, { runtime, lanes: 2 }))).message,
      /serves one sequence at a time, not 2/,
    )
    const forward = await openForward(single, { runtime })
    assert.match((await rejection(forward.cache.resize([0, -1], 10))).message, /serves one sequence/)
    await forward.dispose()
  })
}

test.run()
