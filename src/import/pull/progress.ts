/** Progress lines of a transfer: one per tenth of it, so that a log stays short. */

const MB = 1e6

/** Returns a function to call with the bytes that are there so far. */
export function transferProgress(
  what: string,
  total: number,
  onProgress: (line: string) => void,
): (bytes: number) => void {
  let shown = -1
  return (bytes) => {
    const tenth = Math.floor((bytes / total) * 10)
    if (tenth <= shown) return
    shown = tenth
    onProgress(`${what}: ${(bytes / MB).toFixed(1)} of ${(total / MB).toFixed(1)} MB`)
  }
}
