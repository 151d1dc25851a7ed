// @process native
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { helpOf, integer, jsonObject, oneOf, parse, real, seed, text, toggle } from '../../src/cli/flags.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'

const flags = {
  port: integer('P', 'port', 0, 65535),
  count: integer('N', 'count', 1),
  share: real('P', 'share', 0, 1, { above: true }),
  name: text('NAME', 'name'),
  format: oneOf(['fp32', 'w8a8'], 'format'),
  seed: seed('seed'),
  json: toggle('json'),
}

test('each kind of flag reads its value', () => {
  const { values, operand } = parse(
    flags,
    [
      '--port',
      '80',
      '--share=0.5',
      'word',
      '--name',
      'n',
      '--format',
      'fp32',
      '--seed',
      '18446744073709551615',
      '--json',
    ],
    'a word',
  )
  assert.equal(values, { port: 80, share: 0.5, name: 'n', format: 'fp32', seed: 2n ** 64n - 1n, json: true })
  assert.is(operand, 'word')
})

test('flags that are left out are undefined, and the last of a repeated one counts', () => {
  assert.equal(parse(flags, ['--count', '1', '--count', '2'], null).values, { count: 2 })
})

test('behind -- everything is an operand', () => {
  assert.is(parse(flags, ['--', '--json'], 'a word').operand, '--json')
})

test('each mistake names the flag, what was given and what is expected', () => {
  const cases: [string[], string, RegExp][] = [
    [['--prot', '1'], '--prot', /unknown flag --prot \(did you mean "--port"\?\); known are --port, --count/],
    [['-p', '1'], '-p', /unknown flag -p/],
    [['--constructor', '1'], '--constructor', /unknown flag/],
    [['--port', '65536'], '--port', /from 0 to 65535; got "65536"/],
    [['--port', '8o'], '--port', /whole number from 0 to 65535; got "8o"/],
    [['--port', '1.5'], '--port', /got "1.5"/],
    [['--count', '0'], '--count', /at least 1; got "0"/],
    [['--count', '99999999999999999999'], '--count', /at least 1/],
    [['--share', '0'], '--share', /above 0 and at most 1; got "0"/],
    [['--share', ''], '--share', /got ""/],
    [['--share', 'NaN'], '--share', /got "NaN"/],
    [['--seed', '18446744073709551616'], '--seed', /2\^64 - 1/],
    [['--format', 'int4'], '--format', /one of fp32, w8a8; got "int4"/],
    [['--name='], '--name', /must not be empty/],
    [['--name'], '--name', /needs a value: --name NAME/],
    [['--name', '--json'], '--name', /needs a value/],
    [['--json=yes'], '--json', /takes no value; got "yes"/],
    [['stray'], 'stray', /unexpected argument "stray"/],
  ]
  for (const [argv, param, words] of cases) {
    try {
      parse(flags, argv, null)
    } catch (error) {
      assert.instance(error, InvalidArgumentError, argv.join(' '))
      assert.is((error as InvalidArgumentError).param, param)
      assert.match((error as Error).message, words)
      continue
    }
    assert.unreachable(`accepted ${argv.join(' ')}`)
  }
})

test('an operand that is missing or split is named', () => {
  assert.throws(() => parse(flags, [], 'the prompt'), /the prompt is missing/)
  assert.throws(() => parse(flags, ['a', 'b'], 'the prompt'), /must be one argument; got 2/)
})

test('the help lists every flag with its value', () => {
  const help = helpOf(flags)
  assert.is(help.split('\n').length, Object.keys(flags).length)
  assert.match(help, /--format fp32\|w8a8 +format/)
})

test('an object is given as JSON, and anything else is refused', () => {
  const read = (given: string): unknown => jsonObject('values').read(given, '--values')
  assert.equal(read('{"a": [1, null]}'), { a: [1, null] })
  for (const wrong of ['[1]', 'null', '{"a"', ''])
    assert.throws(
      () => read(wrong),
      (error: unknown) => error instanceof InvalidArgumentError && /--values must be a JSON object/.test(error.message),
    )
})

test.run()
