/** The examples of docs/adapters.md, run as they stand but for the model and the port. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answering, example, ExampleFolder, exampleNames, readDoc } from '../support/doc-examples.js'
import { post } from '../support/http-app.js'

const text = readDoc('docs/adapters.md')
const docs = suite('docs/adapters.md')
const folder = new ExampleFolder()
docs.after(() => folder.remove())

const ids = async (response: Response): Promise<string[]> => (await response.json()).data.map(({ id }: { id: string }) => id)

/** What each server of the document says beyond chat, which all of them must answer. */
const servers: Record<string, (url: string) => Promise<void>> = {
  express: async (url) => {
    assert.equal(await ids(await fetch(`${url}/v1/models`)), ['hosted-elsewhere', 'micro', 'gpt-4o-mini'])
    assert.is((await (await post(`${url}/v1/chat/completions`, '{')).json()).error.type, 'our own words')
  },
  node: async (url) => {
    assert.is(await (await fetch(`${url}/elsewhere`)).text(), 'not ours')
  },
  fetch: async (url) => {
    assert.is(await (await fetch(`${url}/elsewhere`)).text(), 'not ours')
  },
  hono: async (url) => {
    assert.equal(await ids(await fetch(`${url}/v1/models`)), ['hosted-elsewhere', 'micro'])
  },
}

for (const [name, check] of Object.entries(servers)) {
  docs(`the ${name} example serves chat, and what else it says`, async () => {
    const { child, url } = await folder.start(`${name}.mjs`, example(text, name))
    try {
      await answering(child, url)
      const response = await post(`${url}/v1/chat/completions`, { model: 'micro', messages: [{ role: 'user', content: 'hi' }], max_tokens: 8 })
      assert.is((await response.json()).object, 'chat.completion')
      await check(url)
    } finally {
      child.kill('SIGKILL')
    }
  })
}

docs('every example is run', () => {
  assert.equal(exampleNames(text), Object.keys(servers))
})

docs.run()
