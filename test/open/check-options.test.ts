/** Options of `openEngine` at the border: defaults, ranges, and what does not go together. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineOptions } from '../../src/api/types.js'
import { checkOptions, MOST_PAST_TOKENS } from '../../src/open/check-options.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import type { Drafter } from '../../src/strategies/drafter.js'

/** Options of any kind: callers in JavaScript give what they like. */
type Given = Record<string, unknown>
const check = (given: Given) => checkOptions({ target: 'micro', ...given } as EngineOptions)

function refusal(given: Given): [param: string, message: string] {
  try {
    check(given)
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    const { param, message } = error as InvalidArgumentError
    return [param, message]
  }
  return assert.unreachable(`${JSON.stringify(given)} was taken`) as never
}

const drafter = (fields: Given = {}): Drafter =>
  ({ name: 'mine', growth: 'deterministic', begin: () => undefined, dispose: () => undefined, ...fields }) as never

test('a target alone is enough', () => {
  const { draft, format, device, runtime, toolPrompt, planner, maxQueue, pastTokens, maxBatch, memory } = check({})
  assert.equal(
    { draft, format, device, runtime, toolPrompt, planner: planner.name, maxQueue, pastTokens, maxBatch, memory },
    {
      draft: 'auto',
      format: 'w8a8',
      device: 'cpu',
      runtime: 'auto',
      toolPrompt: 'template',
      planner: 'sequoia',
      maxQueue: 64,
      pastTokens: 0,
      maxBatch: undefined,
      memory: undefined,
    },
  )
})

test("sampling defaults are the model's unless there are to be none", () => {
  assert.is(check({}).samplingDefaults, 'model')
  assert.is(check({ samplingDefaults: 'none' }).samplingDefaults, 'none')
  assert.is(refusal({ samplingDefaults: 'auto' })[0], 'samplingDefaults')
})

test('a format is the usual one of the device', () => {
  assert.is(check({ device: 'cuda', memory: '1GB' }).format, 'fp16')
})

test('an option that is not there is refused by name, with those that are', () => {
  const [param, message] = refusal({ tempo: 3 })
  assert.is(param, 'tempo')
  assert.match(message, /unknown option "tempo"; known are target, draft/)
})

test('wrong values are refused with the range or the names there are', () => {
  const wrong: [Given, param: string, message: RegExp][] = [
    [{ target: '' }, 'target', /non-empty string; got ""/],
    [{ target: undefined }, 'target', /got nothing/],
    [{ kv: 'int4' }, 'kv', /one of f32, f16; got "int4"/],
    [{ kv: 'f16', format: 'fp32' }, 'kv', /formats w8a8 and q4 .* format "fp32": leave kv out/],
    [{ kv: 'f16', memory: '1GB' }, 'kv', /in a budget of memory: leave kv out/],
    [{ kv: 'f16', device: 'cuda', memory: '1GB' }, 'kv', /format "fp16" in a budget/],
    [{ format: 'int2' }, 'format', /one of auto, fp32, fp16, w8a8, q4.*got "int2"/],
    [{ device: 'tpu' }, 'device', /one of cpu, cuda, cuda:N, auto/],
    [{ planner: 'wish' }, 'planner', /one of .*sequoia/],
    [{ threads: 0 }, 'threads', /whole number of at least 1; got 0/],
    [{ maxContext: 1 }, 'maxContext', /at least 2/],
    [{ maxBatch: 65 }, 'maxBatch', /from 1 to 64; got 65/],
    [{ maxQueue: 1.5 }, 'maxQueue', /whole number/],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs', /from 1 to 2147483647/],
    [{ prefixCacheBytes: -1 }, 'prefixCacheBytes', /at least 0/],
  ]
  for (const [given, param, message] of wrong) {
    const [found, text] = refusal(given)
    assert.is(found, param)
    assert.match(text, message)
  }
})

test('a device holds the whole model unless a budget of memory has its layers streamed', () => {
  const whole = check({ device: 'cuda:1', deviceMemory: '2GB', cudaGraphs: true })
  assert.equal([whole.device, whole.address, whole.isWhole, whole.deviceMemory], ['cuda', 'cuda:1', true, 2e9])
  assert.equal([whole.cudaGraphs, check({ device: 'cuda' }).cudaGraphs], [true, false])
  const streamed = check({ device: 'cuda', memory: '1GB' })
  assert.equal([streamed.isWhole, streamed.format, check({}).isWhole, check({}).address], [false, 'fp16', false, 'cpu'])
})

test('devices, formats, budgets and runtimes that do not go together are refused with what would', () => {
  assert.match(
    refusal({ device: 'cuda', format: 'w8a8', memory: '1GB' })[1],
    /computes in format .*, not "w8a8"; leave format out/,
  )
  const passing = check({ device: 'cuda', deviceMemory: '2GB', memory: '1GB' })
  assert.equal([passing.isWhole, passing.deviceMemory, passing.memory], [false, 2e9, 1e9])
  assert.match(refusal({ memory: '1GB', runtime: 'portable' })[1], /"portable" cannot keep to a memory budget/)
})

test('earlier answers are kept as many as are asked for', () => {
  assert.is(check({ pastOutputs: { maxTokens: 100 } }).pastTokens, 100)
  assert.match(refusal({ pastOutputs: { tokens: 100 } })[1], /must be \{ maxTokens \}/)
  assert.match(refusal({ pastOutputs: true })[1], /must be \{ maxTokens \}; got true/)
  assert.is(refusal({ pastOutputs: { maxTokens: MOST_PAST_TOKENS + 1 } })[0], 'pastOutputs.maxTokens')
})

test('drafters of a caller need the functions of one, a growth that keeps texts, and names of their own', () => {
  assert.is(check({ drafters: [drafter()] }).drafters.length, 1)
  assert.match(refusal({ drafters: [{ name: 'mine' }] })[1], /drafters\[0\] must be a Drafter/)
  assert.match(refusal({ drafters: [drafter({ growth: 'dynamic' })] })[1], /must be "deterministic"; got "dynamic"/)
  assert.match(refusal({ drafters: [drafter({ name: 'ngram' })] })[1], /"ngram" is taken/)
  assert.is(refusal({ drafters: [drafter(), drafter()] })[0], 'drafters[1].name')
})

test('planners and verifiers of a caller can be asked for beside those that come with the package', () => {
  const planner = { name: 'own', plan: () => undefined }
  assert.is(check({ planners: [planner], planner: 'own' }).planner.name, 'own')
  assert.ok(check({ verifiers: [{ name: 'own', verify: () => undefined }] }).verifiers.has('coupled'))
  assert.is(refusal({ verifiers: [{ name: 'own' }] })[0], 'verifiers[0].verify')
})

test.run()
