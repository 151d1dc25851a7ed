// @process own
/** `sequoia generate` with the micro pair. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finished, cli, start } from '../support/cli.js'

const generate = suite('sequoia generate')
const model = ['--model', 'micro']

generate('--json prints one object, the same text with and without drafting', async () => {
  const args = [
    'generate',
    ...model,
    '--json',
    '--max-tokens',
    '40',
    '--temperature',
    '0.8',
    '--seed',
    '5',
    'Write a test.',
  ]
  const drafted = await cli(args)
  const plain = await cli([...args.slice(0, -1), '--draft', 'none', 'Write a test.'])
  assert.is(drafted.code, 0, drafted.err)
  const [answer, expected] = [drafted, plain].map(({ out }) => JSON.parse(out))
  assert.equal(Object.keys(answer), ['text', 'tokens', 'finishReason', 'stats'])
  assert.equal(Object.keys(answer.stats), [
    'tokens',
    'steps',
    'tokensPerStep',
    'prefillMs',
    'decodeMs',
    'planNodes',
    'planDepth',
  ])
  assert.equal(answer.tokens, expected.tokens)
  assert.is(answer.text, expected.text)
  assert.is(answer.stats.tokens, answer.tokens.length)
  assert.is(expected.stats.planNodes, 1)
  assert.is(expected.stats.steps, expected.stats.tokens + (expected.finishReason === 'stop' ? 1 : 0))
})

generate('streams the text and ends with what it cost', async () => {
  const { code, out, err } = await cli(['generate', ...model, '--raw', '--max-tokens', '20', 'const sum ='])
  assert.is(code, 0)
  assert.not.match(out, /tokens\/s/, 'standard output is the answer alone')
  assert.match(
    err,
    /\n20 tokens in \d+ steps: [\d.]+ tokens\/s, [\d.]+ tokens per step, .*accepted.*prompt tokens read in \d+ ms\n$/,
  )
})

generate('takes its prompt from standard input where none is given', async () => {
  const child = start(['generate', ...model, '--raw', '--json', '--max-tokens', '8'], {}, 'const sum =\n')
  const { code, out, err } = await finished(child)
  assert.is(code, 0, err)
  const given = await cli(['generate', ...model, '--raw', '--json', '--max-tokens', '8', 'const sum ='])
  assert.equal(JSON.parse(out).tokens, JSON.parse(given.out).tokens)
})

generate('a request that the engine refuses is a wrong call', async () => {
  const { code, err } = await cli(['generate', ...model, '--max-context', '999999', 'hi'])
  assert.is(code, 2)
  assert.match(err, /maxContext 999999 is beyond/)
})

generate(
  'too little memory is a wrong call that names the least that would do, and so is what is no size',
  async () => {
    const little = await cli(['generate', ...model, '--memory', '1MB', 'hi'])
    assert.is(little.code, 2)
    assert.match(little.err, /memory 1\.0 MB is too little .* give at least \d+\.\d MB/)
    const odd = await cli(['generate', ...model, '--memory', 'much', 'hi'])
    assert.is(odd.code, 2)
    assert.match(odd.err, /--memory must be a number of bytes or a size such as "120MB", .*; got "much"/)
  },
)

generate('Ctrl-C ends the answer, not the summary', async () => {
  // Greedy, it says the same again and again to the end of its context, which without a draft takes longest.
  const greedy = ['--temperature', '0', '--draft', 'none', '--max-tokens', '100000']
  const child = start(['generate', ...model, '--raw', ...greedy, 'const sum ='])
  const end = finished(child)
  child.stdout!.once('data', () => child.kill('SIGINT'))
  const { code, err } = await end
  assert.is(code, 130)
  assert.match(err, /\d+ tokens in \d+ steps/)
})

generate.run()
