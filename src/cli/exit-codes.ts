/** Exit codes of commands beyond those of `run.ts`. */

/** 128 + SIGINT, as shells count it. */
export const INTERRUPTED = 130
