// @process own
/** The README's examples, run as they stand but for the model and the port. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answering, example, ExampleFolder, readDoc } from './support/doc-examples.js'
import { post } from './support/http-app.js'

const text = readDoc('README.md')
const readme = suite('README')
const folder = new ExampleFolder()
readme.after(() => folder.remove())

for (const [kind, file] of [
  ['esm', 'app.mjs'],
  ['cjs', 'app.cjs'],
] as const) {
  readme(`the ${kind} middleware example serves chat beside the app's own routes`, async () => {
    const { child, url } = await folder.start(file, example(text, kind))
    try {
      assert.is(await (await answering(child, `${url}/hello`)).text(), 'the rest of your gateway')
      const response = await post(`${url}/v1/chat/completions`, {
        model: 'micro',
        messages: [{ role: 'user', content: 'hi' }],
        max_tokens: 8,
      })
      assert.is(response.status, 200)
      assert.is((await response.json()).object, 'chat.completion')
    } finally {
      child.kill('SIGKILL')
    }
  })
}

readme('the middleware examples are ten lines', () => {
  for (const kind of ['esm', 'cjs'])
    assert.ok(example(text, kind).trim().split('\n').filter(Boolean).length <= 10, kind)
})

readme('the test command is what continuous integration runs', () => {
  const command = text.match(/## Test it\n\n```sh\n(.*)\n```/)?.[1]
  assert.ok(command)
  assert.ok(readDoc('.ci/run').split('\n').includes(command), command)
})

readme.run()
