import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { strftime } from '../../../src/text/jinja/dates.js'

const evening = new Date(2024, 11, 31, 23, 5, 9, 7)
const night = new Date(2023, 0, 1, 0, 0, 0)

test('each directive writes its part, padded as Python does', () => {
  const cases: [string, string, string][] = [
    ['%Y-%m-%d', '2024-12-31', '2023-01-01'],
    ['%y %b %B %h', '24 Dec December Dec', '23 Jan January Jan'],
    ['%H:%M:%S.%f', '23:05:09.007000', '00:00:00.000000'],
    ['%I %p', '11 PM', '12 AM'],
    ['%a %A %w %u', 'Tue Tuesday 2 2', 'Sun Sunday 0 7'],
    ['%j %e', '366 31', '001  1'],
    ['%F %T %R %D', '2024-12-31 23:05:09 23:05 12/31/24', '2023-01-01 00:00:00 00:00 01/01/23'],
    ['%c', 'Tue Dec 31 23:05:09 2024', 'Sun Jan  1 00:00:00 2023'],
    ['100%%', '100%', '100%'],
    ['[%Z%z]', '[]', '[]'],
  ]
  for (const [format, late, early] of cases) {
    assert.is(strftime(evening, format), late, format)
    assert.is(strftime(night, format), early, format)
  }
})

test('a hyphen takes leading zeros away, an underline makes them blanks', () => {
  assert.is(strftime(night, '%-d %-m %-H %_d %_H'), '1 1 0  1  0')
})

test('a directive that is not known is refused by name', () => {
  assert.throws(() => strftime(night, '%Q'), /the directive %Q is not known/)
})

test.run()
