/** The README's examples, run as they stand but for the model and the port. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { post } from './support/http-app.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = readFileSync(join(root, 'README.md'), 'utf8')
/** Inside the package, so that the examples find it by its own name. */
const folder = join(root, '.cache', `readme-${process.pid}`)

const readme = suite('README')
readme.before(() => void mkdirSync(folder, { recursive: true }))
readme.after(() => rmSync(folder, { recursive: true }))

function example(kind: string): string {
  const code = text.match(new RegExp(`<!-- example: ${kind} -->\n\`\`\`js\n([\\s\\S]*?)\`\`\``))?.[1]
  assert.ok(code, `the README has no ${kind} example`)
  assert.match(code, "'smollm2-135m'")
  return code.replace("'smollm2-135m'", "'micro'")
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Resolves once the port answers; rejects with what the program said if it ends before. */
async function answering(child: ChildProcess, url: string): Promise<Response> {
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the example ended with code ${child.exitCode}: ${said}`)
    const response = await fetch(url).catch(() => new Promise<null>((resolve) => setImmediate(resolve, null)))
    if (response) return response
  }
}

for (const [kind, file] of [['esm', 'app.mjs'], ['cjs', 'app.cjs']] as const) {
  readme(`the ${kind} middleware example serves chat beside the app's own routes`, async () => {
    writeFileSync(join(folder, file), example(kind))
    const port = await freePort()
    const child = spawn(process.execPath, [join(folder, file)], { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'ignore', 'pipe'] })
    try {
      const url = `http://127.0.0.1:${port}`
      assert.is(await (await answering(child, `${url}/hello`)).text(), 'the rest of your gateway')
      const response = await post(`${url}/v1/chat/completions`, { model: 'micro', messages: [{ role: 'user', content: 'hi' }], max_tokens: 8 })
      assert.is(response.status, 200)
      assert.is((await response.json()).object, 'chat.completion')
    } finally {
      child.kill('SIGKILL')
    }
  })
}

readme('the middleware examples are ten lines', () => {
  for (const kind of ['esm', 'cjs']) assert.ok(example(kind).trim().split('\n').filter(Boolean).length <= 10, kind)
})

readme('the test command is what continuous integration runs', () => {
  const command = text.match(/## Test it\n\n```sh\n(.*)\n```/)?.[1]
  assert.ok(command)
  assert.ok(readFileSync(join(root, '.ci', 'run'), 'utf8').split('\n').includes(command), command)
})

readme.run()
