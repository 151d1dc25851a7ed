// @process native
/** docs/metrics.md publishes events and metrics; here its tables are held against the code, and its example runs. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { observedMetrics, readMetrics, type ObservedMetric, type ReadMetric } from '../../src/metrics/definitions.js'
import { answering, example, ExampleFolder, exampleNames, readDoc } from '../support/doc-examples.js'
import { post } from '../support/http-app.js'

const page = readDoc('docs/metrics.md')
const docs = suite('docs/metrics.md')
const folder = new ExampleFolder()
docs.after(() => folder.remove())

docs("the table of metrics is the code's", () => {
  const all: Record<string, ReadMetric | ObservedMetric> = { ...readMetrics, ...observedMetrics }
  const coded = Object.entries(all).map(([name, metric]) => [
    name,
    metric.kind,
    'label' in metric ? `\`${metric.label}\`` : '',
    metric.help,
  ])
  const section = page.split('\n## Prometheus\n')[1]
  const published = [...section.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) ?\| (.*) \|$/gm)].map(
    ([, ...cells]) => cells,
  )
  assert.equal(published, coded)
})

docs('every query names metrics that there are', () => {
  const names = new Set([...Object.keys(readMetrics), ...Object.keys(observedMetrics)])
  const named = [...page.matchAll(/sequoia_(\w+)/g)].map(([, name]) => name)
  assert.ok(named.length > 5)
  assert.equal(
    named.filter((name) => !names.has(name)),
    [],
  )
})

docs('the example serves chat, and what that was on its page of metrics', async () => {
  assert.equal(exampleNames(page), ['metrics'])
  const { child, url } = await folder.start('metrics.mjs', example(page, 'metrics'))
  try {
    await answering(child, url)
    const chat = await post(`${url}/v1/chat/completions`, {
      model: 'micro',
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 8,
    })
    const { usage } = await chat.json()
    const text = await (await fetch(`${url}/metrics`)).text()
    assert.match(text, `sequoia_generation_tokens_total{model="micro"} ${usage.completion_tokens}\n`)
  } finally {
    child.kill('SIGKILL')
  }
})

docs.run()
