/** The official Python client (PyPI) as it comes, with files and batches of the standalone server. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finished, servedUrl, start } from '../support/cli.js'
import { pythonTest } from '../support/python.js'
import { tempFolder } from '../support/temp-folder.js'

const SCRIPT = fileURLToPath(new URL('python-batches.py', import.meta.url))

const python = suite('openai for Python')

pythonTest(python, 'files and batches, from upload to answers', ['openai==3.57.0'], async (bin) => {
  const server = start(['serve', '--model', 'micro', '--port', '0', '--data-dir', tempFolder()])
  const url = `${await servedUrl(server)}/v1`
  const { code, out, err } = await finished(
    spawn(join(bin, 'python'), [SCRIPT, url], { stdio: ['ignore', 'pipe', 'pipe'] }),
  )
  server.kill('SIGKILL')
  assert.is(code, 0, err)
  const { text, direct, ...seen } = JSON.parse(out)
  assert.is(text, direct)
  assert.equal(seen, {
    uploaded: ['file', 'batch', true, 'in.jsonl'],
    same: true,
    made: ['batch', '/v1/chat/completions', { team: 'red' }],
    status: 'completed',
    counts: { total: 12, completed: 10, failed: 2 },
    output: ['r0', 'r1', 'r10', 'r2', 'r3', 'r4', 'r6', 'r7', 'r8', 'r9'],
    errors: [
      ['r11', 400],
      ['r5', 400],
    ],
    batches: [true],
    purposes: ['batch', 'batch_output', 'batch_output'],
    cancelled: true,
    deleted: true,
    gone: 404,
    failed: ['failed', 'invalid_json_line', 1],
  })
})

python.run()
