import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startThread } from '../../src/common/start-thread.js'
import { tempFolder } from '../support/temp-folder.js'

async function firstMessage(worker: Worker): Promise<unknown> {
  try {
    return (await once(worker, 'message'))[0]
  } finally {
    await worker.terminate()
  }
}

test('beside a source the program is a source, with its options', async () => {
  const worker = startThread('file:///x/module.ts', pathToFileURL(join(import.meta.dirname, 'echo-thread')).href, {
    workerData: 5,
  })
  assert.equal(await firstMessage(worker), { echo: 5 })
})

test('beside a built module it is a built one, with its options', async () => {
  const folder = tempFolder()
  const code = "const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage(workerData)"
  writeFileSync(join(folder, 'program.js'), code)
  const worker = startThread(pathToFileURL(join(folder, 'module.js')).href, 'program', { workerData: 5 })
  assert.is(await firstMessage(worker), 5)
})

test.run()
