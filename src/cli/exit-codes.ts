/** Exit codes of commands beyond those of `dispatch.ts`. */

/** 128 + SIGINT, as shells count it. */
export const INTERRUPTED = 130
