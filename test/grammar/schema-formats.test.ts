/** Formats of strings as expressions: what they take, and which written beside one mean a part of it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FORMATS, variantMatching } from '../../src/grammar/schema-formats.js'

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u')

test("each variant takes its examples, and the format's first variant takes those of all others", () => {
  for (const [format, variants] of Object.entries(FORMATS))
    for (const { pattern, examples } of variants) {
      assert.ok(examples.length > 0)
      for (const example of examples) {
        assert.ok(whole(pattern).test(example), `${format}: ${pattern} on ${example}`)
        assert.ok(whole(variants[0].pattern).test(example), `${format}: ${example}`)
      }
    }
})

test('each format takes its plain form and not what comes close to it', () => {
  const cases: [string, string[], string[]][] = [
    ['date', ['2024-02-28', '2023-12-31'], ['2024-02-29', '2024-04-31', '2024-13-01', '24-01-01']],
    ['time', ['23:59:59Z', '00:00:00.5+01:30'], ['24:00:00Z', '12:60:00Z', '12:00:00', '12:00Z']],
    ['date-time', ['2024-02-28T00:00:00Z'], ['2024-02-28 00:00:00Z', '2024-02-28']],
    ['duration', ['P3W', 'P1DT2H', 'PT5M'], ['P', 'PT', '3W', 'P1H']],
    ['uuid', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-92d3-a456-426614174000', '123']],
    ['ipv4', ['0.0.0.0', '255.255.255.255'], ['256.0.0.1', '01.2.3.4', '1.2.3']],
    ['ipv6', ['1:2:3:4:5:6:7:8', 'fe80::1'], ['1:2:3', '12345::1', '1::2::3']],
    ['email', ['a.b@c-d.org'], ['a@b', '@b.cc', 'a b@c.dd', '.a@b.cc']],
    ['hostname', ['localhost', 'a-b.c9'], ['-a', 'a-', 'a..b', '']],
    ['uri', ['https://a.bc/d?e=f', 'http://a.bc:80'], ['ftp://a.bc', 'a.bc', 'http://']],
  ]
  assert.equal(cases.map(([format]) => format).sort(), Object.keys(FORMATS).sort())
  for (const [format, good, bad] of cases) {
    const takes = whole(FORMATS[format][0].pattern)
    for (const text of good) assert.ok(takes.test(text), `${format} ${text}`)
    for (const text of bad) assert.not(takes.test(text), `${format} ${text}`)
  }
})

test('a pattern that means the format, or a part of it, is taken for that variant', () => {
  assert.is(variantMatching('ipv4', '^[0-9.]+$'), FORMATS.ipv4[0])
  assert.is(variantMatching('time', '^.+$'), FORMATS.time[0])
  assert.is(variantMatching('time', '^.+Z$'), FORMATS.time[1])
  assert.is(variantMatching('uuid', '^[^-]+-[^-]+-4.*$')!.pattern, FORMATS.uuid[4].pattern)
})

test('a pattern that means something else, cannot be read, or never ends has no variant', () => {
  for (const pattern of ['^a+$', '(', '^(([-0-9]+)+)+!$', 'x'.repeat(2001)])
    assert.is(variantMatching('date', pattern), undefined, pattern)
})

test.run()
