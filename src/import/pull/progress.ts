/** Progress lines of a transfer: one per tenth of it, so that a log stays short. */

const MB = 1e6

/**
 * Returns a function to call with the bytes that are there so far. Lines say how many there are and how long the rest
 * takes at the pace since the first call: `left = (total - bytes) / ((bytes - first) / elapsed)`. `now`: milliseconds.
 */
export function transferProgress(
  what: string,
  total: number,
  onProgress: (line: string) => void,
  now: () => number = () => performance.now(),
): (bytes: number) => void {
  let shown = -1
  let first: { bytes: number; at: number } | null = null
  return (bytes) => {
    first ??= { bytes, at: now() }
    const tenth = Math.floor((bytes / total) * 10)
    if (tenth <= shown) return
    shown = tenth
    const perSecond = (1000 * (bytes - first.bytes)) / (now() - first.at)
    const left = bytes < total && perSecond > 0 ? `, ${timeText((total - bytes) / perSecond)} left` : ''
    onProgress(`${what}: ${(bytes / MB).toFixed(1)} of ${(total / MB).toFixed(1)} MB${left}`)
  }
}

function timeText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}
