/** The code blocks of our documents that are marked as examples, and a folder inside the package to run them in. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('../..', import.meta.url))

export function readDoc(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The block marked `<!-- example: NAME -->`, as it stands but for the model: the micro pair needs no download. */
export function example(doc: string, name: string): string {
  const code = doc.match(new RegExp(`<!-- example: ${name} -->\n\`\`\`js\n([\\s\\S]*?)\`\`\``))?.[1]
  assert.ok(code, `there is no example "${name}"`)
  assert.match(code, "'smollm2-135m'")
  return code.replaceAll("'smollm2-135m'", "'micro'")
}

/** Every name that a document gives its examples. */
export function exampleNames(doc: string): string[] {
  return Array.from(doc.matchAll(/<!-- example: (.+?) -->/g), ([, name]) => name)
}

/** Runs examples as programs that find the package by its own name. */
export class ExampleFolder {
  private readonly folder = join(root, '.cache', `examples-${process.pid}`)

  constructor() {
    mkdirSync(this.folder, { recursive: true })
  }

  /** Starts `code` with a free port in `PORT`; its standard error is piped, its standard output too. */
  async start(file: string, code: string, env: NodeJS.ProcessEnv = {}): Promise<{ child: ChildProcess; url: string }> {
    writeFileSync(join(this.folder, file), code)
    const port = await freePort()
    const child = spawn(process.execPath, [join(this.folder, file)], {
      env: { ...process.env, ...env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { child, url: `http://127.0.0.1:${port}` }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** Resolves once the address answers; rejects with what the program said if it ends before. */
export async function answering(child: ChildProcess, url: string): Promise<Response> {
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the example ended with code ${child.exitCode}: ${said}`)
    const response = await fetch(url).catch(() => new Promise<null>((resolve) => setImmediate(resolve, null)))
    if (response) return response
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
