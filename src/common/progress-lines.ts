/** Progress as lines of text: one per part, and one per tenth of a pull, so that a log stays short. */
import type { OnProgress } from './progress.js'

const MB = 1e6

/**
 * Tells each line once. Of a pull a line says how many bytes there are and how long the rest takes at the pace since
 * the first of them: `left = (total - bytes) / ((bytes - first) / elapsed)`. `now`: milliseconds.
 */
export function progressLines(tell: (line: string) => void, now: () => number = () => performance.now()): OnProgress {
  let current = ''
  let tenthShown = -1
  let first = { bytes: 0, at: 0 }
  return ({ stage, text, part, done, total }) => {
    if (stage !== 'pull' || total === 0) {
      const line = part === undefined ? text : `${text}: ${part}`
      if (line !== current) tell(line)
      current = line
      return
    }
    if (text !== current) {
      current = text
      tenthShown = -1
      first = { bytes: done, at: now() }
    }
    const tenth = Math.floor((done / total) * 10)
    if (tenth <= tenthShown) return
    tenthShown = tenth
    const perSecond = (1000 * (done - first.bytes)) / (now() - first.at)
    tell(`${text}: ${megabytes(done, total)}${leftText(done, total, perSecond)}`)
  }
}

/** `50.0 of 100.0 MB`. */
export function megabytes(done: number, total: number): string {
  return `${(done / MB).toFixed(1)} of ${(total / MB).toFixed(1)} MB`
}

/** `, 14 s left`; nothing at the end, or where there is no pace. */
export function leftText(done: number, total: number, perSecond: number): string {
  return done < total && perSecond > 0 ? `, ${timeText((total - done) / perSecond)} left` : ''
}

/** Seconds for people: `14 s`, `3 min`. */
export function timeText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}
