// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { engineFlags, openByFlags } from '../../src/cli/engine-flags.js'
import { parse } from '../../src/cli/flags.js'
import { InvalidArgumentError, PullError } from '../../src/spec/errors.js'
import { tempFolder } from '../support/temp-folder.js'

Object.assign(process.env, { XDG_CACHE_HOME: tempFolder(), PATH: '', HF_ENDPOINT: 'http://127.0.0.1:1' })

const flagsOf = (...argv: string[]): ReturnType<typeof parse<typeof engineFlags>>['values'] =>
  parse(engineFlags, argv, null).values

test('a size of memory is bytes, and what the flags do not know is refused by the name of the flag', () => {
  assert.is(flagsOf('--memory', '2GB').memory, 2e9)
  for (const [flag, value] of [
    ['--format', 'fp99'],
    ['--device', 'tpu'],
    ['--memory', 'much'],
    ['--threads', '0'],
    ['--max-context', '1'],
  ])
    assert.throws(
      () => flagsOf(flag, value),
      (error: unknown) => error instanceof InvalidArgumentError && error.param === flag,
    )
})

test('where no default can be pulled, each is told, and the first failure is thrown', async () => {
  const told: string[] = []
  const error = await openByFlags(flagsOf(), { onProgress: ({ text }) => void told.push(text) }).catch((e: Error) => e)
  assert.instance(error, PullError)
  assert.match((error as PullError).message, /^smollm2-135m could not be pulled/)
  const failures = told.filter((line) => line.startsWith('The pull failed: '))
  assert.equal(
    failures.map((line) => line.split(' ')[3]),
    ['smollm2-135m', 'smollm2-135m-hf'],
  )
})

test('a model that was named has no other in its place', async () => {
  const told: string[] = []
  const named = openByFlags(flagsOf('--model', 'smollm2-135m'), { onProgress: ({ text }) => void told.push(text) })
  assert.instance(await named.catch((e: Error) => e), PullError)
  assert.not.ok(told.some((line) => line.includes('smollm2-135m-hf')))
})

test.run()
