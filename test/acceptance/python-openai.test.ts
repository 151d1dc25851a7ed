/**
 * The official Python client (PyPI) as it comes, against the standalone server and an Express app; `python-openai.py`
 * is what it does.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finished } from '../support/cli.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { pythonTest } from '../support/python.js'
import { expressApp, standalone, type Served } from '../support/served.js'

const SCRIPT = fileURLToPath(new URL('python-openai.py', import.meta.url))
const messages = [{ role: 'user', content: 'Write a function that adds two numbers.' }]

const python = suite('openai for Python')
python.after(closeEngines)

for (const [name, open, listed] of [
  ['the standalone server', standalone, ['micro']],
  ['a mount in an Express app', async () => expressApp(await micro()), ['elsewhere', 'micro']],
] as [string, () => Promise<Served>, string[]][]) {
  pythonTest(
    python,
    `chat, stream, tools, schema, abort and errors, against ${name}`,
    ['openai==3.57.0'],
    async (bin) => {
      const served = await open()
      try {
        const { code, out, err } = await finished(
          spawn(join(bin, 'python'), [SCRIPT, served.url], { stdio: ['ignore', 'pipe', 'pipe'] }),
        )
        assert.is(code, 0, err)
        const seen = JSON.parse(out)
        const { text, stats } = await collect(await micro(), { messages, maxTokens: 30, temperature: 0 })
        assert.equal([seen.chat, seen.stream, seen.response, seen.response_stream], [text, text, text, text])
        for (const usage of [seen.usage, seen.stream_usage]) {
          assert.equal(
            [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens],
            [stats.promptTokens, stats.tokens, stats.promptTokens + stats.tokens],
          )
          assertDetails(usage.prompt_tokens_details, usage.completion_tokens_details)
        }
        assert.equal(
          [seen.response_usage.input_tokens, seen.response_usage.output_tokens],
          [stats.promptTokens, stats.tokens],
        )
        assertDetails(seen.response_usage.input_tokens_details, seen.response_usage.output_tokens_details)
        for (const [reason, called, args] of [seen.tool, seen.tool_stream])
          assert.equal([reason, called, Object.keys(args as object)], ['tool_calls', 'get_weather', ['city', 'days']])
        assert.equal(seen.tool_stream, seen.tool)
        assert.ok(['stop', 'length'].includes(seen.after_tool))
        assert.ok(['red', 'green', 'blue'].includes(seen.schema.colour) && typeof seen.schema.sure === 'boolean')
        assert.equal([seen.models.sort(), seen.model], [listed, 'micro'])
        assert.equal(seen.errors, {
          range: ['BadRequestError', 400, 'temperature'],
          name: ['BadRequestError', 400, 'temprature'],
          model: ['NotFoundError', 404, 'model'],
          tools: ['BadRequestError', 400, 'tools[0].function.parameters'],
        })
      } finally {
        await served.close()
      }
    },
  )
}

function micro(): ReturnType<typeof engineFor> {
  return engineFor({ target: 'micro', toolPrompt: 'generic' })
}

function assertDetails(
  prompt: { cached_tokens: number },
  completion: { accepted_prediction_tokens: number; rejected_prediction_tokens: number },
): void {
  assert.ok(
    Number.isInteger(prompt.cached_tokens) &&
      Number.isInteger(completion.accepted_prediction_tokens) &&
      Number.isInteger(completion.rejected_prediction_tokens),
  )
}

python.run()
