// @process own
/** The examples of docs/adapters.md, run as they stand but for the model and the port. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finished } from '../support/cli.js'
import { answering, example, ExampleFolder, exampleNames, readDoc } from '../support/doc-examples.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { listen, post, type Listening } from '../support/http-app.js'
import { upstream } from './support/upstream.js'

const text = readDoc('docs/adapters.md')
const docs = suite('docs/adapters.md')
const folder = new ExampleFolder()
let behind: Listening
docs.before(async () => void (behind = await listen(upstream())))
docs.after(async () => {
  folder.remove()
  await behind.close()
  await closeEngines()
})

const ids = async (response: Response): Promise<string[]> =>
  (await response.json()).data.map(({ id }: { id: string }) => id)

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
  fastify: async (url) => {
    assert.is(await (await fetch(`${url}/elsewhere`)).text(), 'not ours')
    const foreign = '{ "model": "gpt-9" }'
    assert.is(await (await post(`${url}/v1/chat/completions`, foreign)).text(), foreign)
  },
}

for (const [name, check] of Object.entries(servers)) {
  docs(`the ${name} example serves chat, and what else it says`, async () => {
    const { child, url } = await folder.start(`${name}.mjs`, example(text, name), { UPSTREAM: behind.url })
    try {
      await answering(child, url)
      const response = await post(`${url}/v1/chat/completions`, {
        model: 'micro',
        messages: [{ role: 'user', content: 'hi' }],
        max_tokens: 8,
      })
      assert.is((await response.json()).object, 'chat.completion')
      await check(url)
    } finally {
      child.kill('SIGKILL')
    }
  })
}

/** Programs that print one answer twice: whole, then as a stream. */
const programs = ['ai', 'langchain']

for (const name of programs) {
  docs(`the ${name} example prints what the engine says`, async () => {
    const { child } = await folder.start(`${name}.mjs`, example(text, name))
    const { code, out, err } = await finished(child)
    assert.is(code, 0, err)
    const said = await collect(await engineFor({ target: 'micro' }), {
      messages: [{ role: 'user', content: 'Name three rivers.' }],
      maxTokens: 40,
    })
    assert.is(out, `${said.text}\n${said.text}`)
  })
}

docs('every example is run', () => {
  assert.equal(exampleNames(text), [...Object.keys(servers), ...programs])
})

docs.run()
