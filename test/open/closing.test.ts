// @process native
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Progress } from '../../src/common/progress.js'
import { openEngine } from '../../src/index.js'
import { closingOnFailure } from '../../src/open/closing.js'
import { tempFolder } from '../support/temp-folder.js'

const closing = suite('an opening that fails half way')

const closable = (name: string, closed: string[], fails = false) => ({
  async dispose(): Promise<void> {
    closed.push(name)
    if (fails) throw new Error(`${name} does not close`)
  },
})

closing('closes what was opened, the latest first, even where closing fails, and throws its own error', async () => {
  const closed: string[] = []
  const failed = await closingOnFailure(async (keep) => {
    keep(closable('first', closed))
    keep(closable('second', closed, true))
    keep(closable('third', closed))
    throw new Error('half way')
  }).catch((error: Error) => error.message)
  assert.is(failed, 'half way')
  assert.equal(closed, ['third', 'second', 'first'])
})

closing('closes nothing where all goes well', async () => {
  const closed: string[] = []
  assert.is(await closingOnFailure(async (keep) => (keep(closable('one', closed)), 7)), 7)
  assert.equal(closed, [])
})

closing('of an engine gives back drafters that came with its options', async () => {
  const closed: string[] = []
  const drafter = {
    name: 'mine',
    growth: 'deterministic' as const,
    begin: (): never => {
      throw new Error('no request begins')
    },
    ...closable('mine', closed),
  }
  const onProgress = ({ text }: Progress): void => {
    if (text.startsWith('timing passes')) throw new Error('told while its passes are timed')
  }
  const options = { target: 'micro', draft: 'none', drafters: [drafter], cacheDir: tempFolder(), onProgress }
  const failed = await openEngine(options).then(
    () => 'opened',
    (error: Error) => error.message,
  )
  assert.is(failed, 'told while its passes are timed')
  assert.equal(closed, ['mine'])
})

closing.run()
