/** Waiting that a signal ends. */

/**
 * Resolves when `work` has come to its end or `signal` is aborted, whichever is first; rejects where `work` fails
 * before. Work that is left goes on by itself: its failure is nobody's then.
 */
export async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let wake = (): void => {}
  const ended = new Promise<void>((resolve) => (wake = resolve))
  signal.addEventListener('abort', wake, { once: true })
  try {
    await (signal.aborted ? undefined : Promise.race([work, ended]))
  } finally {
    signal.removeEventListener('abort', wake)
    work.catch(() => undefined)
  }
}
