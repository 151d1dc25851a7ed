import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatNamed } from '../../src/formats/index.js'
import { sequoiaDraft } from '../../src/heads/sequoia-draft.js'

const path = fileURLToPath(new URL('../../models/smollm2-135m-draft/draft.gguf', import.meta.url))

test('its own weights have 8 bits on a CPU, and are halves on a GPU', async () => {
  assert.is(await sequoiaDraft.recognizes(path), true)
  const file = await sequoiaDraft.open(path)
  const target = formatNamed('fp16')
  const formats = [file.formatFor(target), file.formatFor(target, 'cpu'), file.formatFor(target, 'cuda')]
  assert.equal(
    formats.map(({ name }) => name),
    ['w8a8', 'w8a8', 'fp16'],
  )
  await file.close()
})

test.run()
