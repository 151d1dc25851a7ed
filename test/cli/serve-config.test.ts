// @process own
/** The settings of `sequoia serve` from a file, the environment and flags. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newKey } from '../../src/cli/api-keys.js'
import { engineFlags } from '../../src/cli/engine-flags.js'
import { helpOf } from '../../src/cli/flags.js'
import { readServeConfig, serveFlags } from '../../src/cli/serve-config.js'
import { serveSchema } from '../../src/cli/serve-schema.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { cli } from '../support/cli.js'
import { readDoc } from '../support/doc-examples.js'
import { tempFolder } from '../support/temp-folder.js'

function file(value: unknown): string {
  const path = join(tempFolder(), 'sequoia.json')
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}

function fault(argv: readonly string[], env: Record<string, string> = {}): string {
  try {
    readServeConfig(argv, env)
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

test('a flag goes before the environment, and that before the file', () => {
  const path = file({ port: 1, host: 'a', maxQueue: 3, logLevel: 'warn' })
  const config = readServeConfig(['--config', path, '--port', '5'], {
    SEQUOIA_PORT: '4',
    SEQUOIA_HOST: 'b',
    PATH: '/bin',
  })
  assert.equal(
    [config.port, config.host, config.maxQueue, config.logLevel, config.maxBodyBytes],
    [5, 'b', 3, 'warn', 4_194_304],
  )
  assert.is(readServeConfig([], { SEQUOIA_CONFIG: path }).port, 1)
})

test('what is kept of earlier answers is a number as a flag and named in a file', () => {
  assert.equal(readServeConfig(['--past-outputs', '4096'], {}).pastOutputs, { maxTokens: 4096 })
  assert.equal(readServeConfig(['--config', file({ pastOutputs: { maxTokens: 64 } })], {}).pastOutputs, {
    maxTokens: 64,
  })
  assert.match(fault(['--past-outputs', 'many']), /^--past-outputs/)
  assert.match(fault(['--past-outputs', '3']), /16/)
})

test('a byte order mark before the settings is ignored', () => {
  assert.is(readServeConfig(['--config', file('\uFEFF{"port": 8099}')], {}).port, 8099)
})

test('lists, pairs and switches are read from text', () => {
  const { hash } = newKey()
  const config = readServeConfig(
    [
      '--api-keys',
      `a=${hash},b=${hash}`,
      '--cors-origins',
      'https://a.example, https://b.example',
      '--playground',
      'false',
    ],
    {},
  )
  assert.equal(config.apiKeys, { a: hash, b: hash })
  assert.equal(config.corsOrigins, ['https://a.example', 'https://b.example'])
  assert.is(config.playground, false)
})

test('the file lists several models, and a model named nearer by goes before them', () => {
  const path = file({
    models: [
      { target: 'micro', name: 'a', draft: 'none' },
      { target: 'micro', name: 'b' },
    ],
  })
  assert.is(readServeConfig(['--config', path], {}).models?.length, 2)
  const nearer = readServeConfig(['--config', path, '--model', 'micro'], {})
  assert.equal([nearer.models, nearer.model], [undefined, 'micro'])
})

test('each mistake names its place and what is expected', () => {
  const cases: [string, RegExp][] = [
    [fault(['--port', '70000']), /^--port must be at most 65535; got 70000/],
    [fault(['--port', 'x']), /^--port must be a number; got "x"/],
    [fault(['--format', 'int4']), /^--format must be "auto" or "fp32" or "fp16" or "w8a8" or "q4"; got "int4"/],
    [fault(['--prot', '1']), /^unknown flag --prot/],
    [fault(['--api-keys', 'a=secret']), /^--api-keys\.a must be sha256: and 64 hex/],
    [fault([], { SEQUOIA_PROT: '1' }), /^unknown environment variable SEQUOIA_PROT; known are .*SEQUOIA_PORT/],
    [fault([], { SEQUOIA_MAX_QUEUE: '-1' }), /^SEQUOIA_MAX_QUEUE must be at least 0; got -1/],
    [
      fault(['--memory', '2 horses']),
      /^--memory must be a number of bytes or a size such as "120MB", .*; got "2 horses"/,
    ],
    [
      fault(['--config', file({ models: [{ target: 'micro', memory: 0 }] })]),
      /: models\[0\]\.memory must be a number of bytes or a size/,
    ],
    [
      fault(['--config', file({ target: 'micro' })]),
      /unknown field target; .* \(one model is named by "model", those of/,
    ],
    [
      fault(['--config', file({ models: [{ model: 'a', target: 'b' }] })]),
      /models\[0\]\.model; .*is named by "target"\)/,
    ],
    [
      fault(['--config', file({ model: 'micro', models: [{ target: 'micro' }] })]),
      /: model and models say the same thing; give one of them$/,
    ],
    [fault(['--config', file({ prot: 1 })]), /sequoia\.json: unknown field prot;.* \(known are models, model, /],
    [fault(['--config', file({ models: [{ target: 'micro', drft: 'none' }] })]), /: unknown field models\[0\]\.drft/],
    [fault(['--config', file({ port: '80' })]), /: port must be a number; got "80"/],
    [fault(['--config', file('{')]), /cannot be read as JSON/],
    [fault(['--config', '/nowhere.json']), /cannot be read/],
  ]
  for (const [message, words] of cases) assert.match(message, words)
})

test('the documentation lists every flag with its help', () => {
  const docs = readDoc('docs/standalone.md')
  for (const [name, { takes, help }] of Object.entries(serveFlags))
    assert.ok(docs.includes(`| \`--${name} ${takes?.replaceAll('|', '\\|')}\` | ${help} |`), name)
})

test('every setting of the file but the list of models is a flag with help', () => {
  const flags = Object.keys(serveSchema.shape)
    .filter((key) => key !== 'models')
    .map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  assert.equal(Object.keys(serveFlags).sort(), [...flags, 'config'].sort())
  for (const flag of flags) assert.match(helpOf(serveFlags), new RegExp(`--${flag} .+`))
})

test('what the other commands take for opening a model, serve takes as well', () => {
  for (const flag of Object.keys(engineFlags)) assert.ok(flag in serveFlags, flag)
})

test('a wrong key ends the program with code 2 before anything is opened', async () => {
  const { code, err } = await cli(['serve', '--config', file({ prot: 1 })])
  assert.is(code, 2)
  assert.match(err, /sequoia serve: .*unknown field prot/)
})

test.run()
