/** Simulated passes: true times, noise and bursts are made up, and no clock has a say. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PassCorrections, rising } from '../../src/speculation/pass-corrections.js'
import { passMs, type Profile } from '../../src/speculation/pass-times.js'
import { uniforms } from '../core/support/builders.js'

const ROWS = [1, 2, 4, 8, 16, 32]
const TRUE: Profile = {
  rows: ROWS,
  baseMs: [17, 19, 21, 28, 46, 90],
  slotMs: [0.002, 0.003, 0.004, 0.006, 0.01, 0.02],
  drawMs: 0.05,
}
/** What timing gave on a quiet machine whose neighbours woke up now and then: three times too slow, and by chance. */
const BUSY: Profile = { ...TRUE, baseMs: [76, 60, 84, 84, 110, 310], slotMs: [0.03, 0, 0.04, 0, 0.02, 0.1] }

const copy = (profile: Profile): Profile => ({ ...profile, baseMs: [...profile.baseMs], slotMs: [...profile.slotMs] })

/** So many passes of sizes in turn; a pass takes `factor(i)` times its true time. */
function use(
  corrections: PassCorrections,
  sizes: readonly number[],
  passes: number,
  factor: (i: number) => number = () => 1,
): void {
  for (let i = 0; i < passes; i++) {
    const rows = sizes[i % sizes.length]
    const slots = 100 + (i % 200)
    corrections.saw(rows, slots, factor(i) * passMs(TRUE, rows, slots))
    if (corrections.isDue) corrections.apply()
  }
}

/** How far t(rows) / t(1) is from the truth at 200 slots, as a share. */
function off(profile: Profile, rows: number): number {
  const ratio = (times: Profile): number => passMs(times, rows, 200) / passMs(times, 1, 200)
  return Math.abs(ratio(profile) / ratio(TRUE) - 1)
}

test('a profile three times too slow is right again after some hundred passes, between measured sizes too', () => {
  const profile = copy(BUSY)
  use(new PassCorrections(profile), [6, 6, 6, 6, 6, 6, 6, 1], 400)
  assert.ok(off(BUSY, 6) > 0.2, `${off(BUSY, 6)} off at first`)
  assert.ok(off(profile, 6) < 0.05, `${off(profile, 6)} off`)
  const now = passMs(profile, 1, 200)
  assert.ok(Math.abs(now / passMs(TRUE, 1, 200) - 1) < 0.12, `a row takes ${now} ms`)
})

test('noise and bursts of a busy machine leave a right profile right', () => {
  const random = uniforms(1)
  const profile = copy(TRUE)
  // Every third stretch of twenty passes takes 1 to 4 times as long, every pass up to a tenth more.
  const factor = (i: number): number => (1 + 0.1 * random()) * (Math.floor(i / 20) % 3 === 0 ? 1 + 3 * random() : 1)
  const corrections = new PassCorrections(profile)
  for (let round = 0; round < 10; round++) {
    use(corrections, [6, 6, 6, 1, 1, 4], 200, factor)
    for (const rows of [4, 6]) assert.ok(off(profile, rows) < 0.2, `${rows} rows: ${off(profile, rows)} off`)
  }
})

test('a machine that slows down as a whole changes how long passes take, not how they compare', () => {
  const profile = copy(TRUE)
  use(new PassCorrections(profile), [8, 8, 8, 8, 8, 8, 8, 8, 8, 1], 600, (i) => (i < 100 ? 1 : 2))
  for (const rows of [2, 4, 8]) assert.ok(off(profile, rows) < 0.05, `${rows} rows: ${off(profile, rows)} off`)
  const slower = passMs(profile, 1, 200) / passMs(TRUE, 1, 200)
  assert.ok(slower > 1.6 && slower < 2.2, `${slower} times as slow`)
})

test('two plain passes among many of trees say what trees cost', () => {
  const profile: Profile = { ...copy(TRUE), baseMs: [17, 19, 21, 56, 92, 180] }
  const turns = Array.from({ length: 64 }, (_, i) => (i < 62 ? 8 : 1))
  use(new PassCorrections(profile), turns, 960)
  assert.ok(off(profile, 8) < 0.1, `${off(profile, 8)} off`)
})

test('a size that is never used is as wrong as its neighbours', () => {
  const profile: Profile = {
    ...copy(TRUE),
    baseMs: [17, 38, 42, 56, 92, 180],
    slotMs: TRUE.slotMs.map((ms, i) => (i > 0 ? 2 : 1) * ms),
  }
  use(new PassCorrections(profile), [8, 8, 1, 8, 8, 2], 400)
  assert.ok(off(profile, 4) < 0.12, `${off(profile, 4)} off between two`)
  assert.ok(off(profile, 16) < 0.12, `${off(profile, 16)} off beyond`)
})

test('where plain passes say that the machine was busy, unused sizes look cheaper and the profile is doubtful', () => {
  const profile = copy(BUSY)
  const corrections = new PassCorrections(profile)
  use(corrections, [1], 200)
  assert.ok(profile.isDoubtful)
  const ratio = (times: Profile): number => times.baseMs[5] / times.baseMs[0]
  assert.ok(ratio(profile) < 1.22 ** 5 && ratio(profile) > 1.5, `32 rows: ${ratio(profile)}`)
  use(corrections, [1, 2, 4, 8], 400)
  assert.not(profile.isDoubtful, 'all usual sizes were seen')
})

test('a profile that passes agree with is in no doubt, nor is one whose machine has slowed down', () => {
  for (const factor of [1, 3]) {
    const profile = copy(TRUE)
    use(new PassCorrections(profile), [1], 200, () => factor)
    assert.not(profile.isDoubtful)
    assert.ok(off(profile, 8) < 1e-9)
  }
})

test('the slow first passes of a process say little', () => {
  const profile = copy(TRUE)
  const corrections = new PassCorrections(profile)
  use(corrections, [1], 4, () => 3)
  corrections.apply()
  assert.ok(passMs(profile, 1, 200) < 1.35 * passMs(TRUE, 1, 200))
})

test('what rests on many passes of an earlier process is not moved by a few', () => {
  const [fresh, known] = [undefined, ROWS.map(() => 32)].map((seen) => {
    const profile: Profile = { ...copy(TRUE), seen }
    use(new PassCorrections(profile), [1, 1, 1, 1, 1, 1, 1, 8], 16, (i) => (i % 8 === 7 ? 1.5 : 1))
    return off(profile, 8)
  })
  assert.ok(known < 0.05 && fresh > 0.1, `${known} and ${fresh}`)
})

test('a profile that was measured anew starts over', () => {
  const profile = copy(BUSY)
  const corrections = new PassCorrections(profile)
  use(corrections, [1, 8], 100)
  Object.assign(profile, copy(TRUE), { seen: undefined, isDoubtful: undefined })
  corrections.restart()
  corrections.apply()
  assert.equal(profile.baseMs, TRUE.baseMs)
})

test('times that rise are kept', () => {
  assert.equal(rising([1, 1.5, 2, 8]), [1, 1.5, 2, 8])
})

test('a pass of more rows that took less, by noise, and its neighbours count as their mean', () => {
  assert.equal(rising([1, 4, 2, 3, 8]), [1, 3, 3, 3, 8])
  assert.equal(rising([3, 2, 1]), [2, 2, 2])
  assert.equal(rising([4, 1], [3, 1]), [3.25, 3.25])
})

test.run()
