/** What an opening has opened so far, closed again where it fails half way. */

interface Closable {
  dispose(): Promise<void>
}

/** Keeps what is given to it; returns it. */
export type Keep = <T extends Closable>(opened: T) => T

/**
 * Runs `open`. Where it throws, all that it kept is closed, the latest first, and its error is thrown on; an error of
 * closing does not hide it, nor keep the rest open.
 */
export async function closingOnFailure<T>(open: (keep: Keep) => Promise<T>): Promise<T> {
  const kept: Closable[] = []
  try {
    return await open((opened) => {
      kept.push(opened)
      return opened
    })
  } catch (error) {
    for (const one of kept.reverse()) await one.dispose().catch(() => {})
    throw error
  }
}
