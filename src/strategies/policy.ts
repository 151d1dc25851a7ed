/**
 * Every constant of the policy that decides whether and how far to speculate, in one table; `plugins/` and
 * `src/speculation/` read them from here. `bench -- policy constants` says by replay what each is worth at other
 * values (`docs/benchmarks.md` has its table); what that does not tell stands beside them.
 */

/** What was seen, and how long it counts: children, guesses, steps and passes alike. */
export const EVIDENCE = {
  /** Observations that an expectation from elsewhere stands for; and steps that trust in guesses looks back on. */
  prior: 32,
  /**
   * Observations that count: 1 / memory is forgotten at each. After as many a text counts half in later priors, and
   * after as many steps with trees plain decoding is timed anew.
   */
  memory: 100,
  /**
   * Steps or passes that say how quick the machine is at present. And guesses of one kind, or tokens promised by
   * guesses, that what is expected of them stands for, so that those that fail are dropped soon.
   */
  recent: 8,
  /** One observation counts as at most this many times the mean so far, and at least its inverse. */
  outlier: 2,
  /** Share of what speaks against trees that is given up at each step without one: visits that failed, and losses. */
  idle: 0.01,
} as const

/** Trees beside plain decoding, as plans and accounts see them (`src/speculation/step-cost.ts`). */
export const TREES = {
  /**
   * What a tree costs beyond its step's time: reading the prompt with the draft, and plain steps among trees, which are
   * slower than plain steps in a row. 3 to 8 % of the micro pair's, whose passes take a millisecond.
   */
  unseen: { share: 0.05, ms: 0.08 },
  /**
   * Share of a cost factor above 1 that is given up with each plain step: half of it in 7,000 steps, more than replays
   * have. Without it a view from a busy minute would keep trees away for good.
   */
  forgiveness: 0.0001,
} as const

/** When plans are made (`src/speculation/speculation.ts`), and when none (`rest.ts`, `plain-turns.ts`). */
export const PLANNING = {
  /** Steps that a plan serves, and passes between two corrections of the measured times. */
  steps: 12,
  /** Milliseconds of planning and of looking for guesses in a step. Measured between passes that fill the caches. */
  thinkingMs: 0.12,
} as const

/** Whether trees pay (`src/speculation/accounts.ts`), in tokens of plain decoding. */
export const ACCOUNTS = {
  /** Tokens that one sequence's trees may lose before they rest. */
  limit: 1.25,
  /** All that speculate alike may lose so many times as much; and so many limits of past gains may be lost again. */
  many: 4,
} as const

/** `src/speculation/pass-corrections.ts`: profiles from a busy minute. */
export const CORRECTIONS = {
  /** Passes that take less by this factor than was measured say that the machine was busy then. */
  busy: 1.3,
  /** What a doubling of the rows is then hoped to take: quiet passes of small models take about that up to 8 rows. */
  hope: 1.2,
} as const

/** `src/speculation/learned.ts`: what is kept from one process for the next. */
export const LEARNED = {
  /** Days in which half of it is forgotten. */
  halfLifeDays: 30,
} as const

/** `plugins/planners/`: shapes. */
export const SHAPES = {
  /** Children of a node that are planned. Later ranks add next to nothing. */
  mostBranches: 8,
  /** Levels that a grown tree may have beyond the planned one. */
  moreLevels: 2,
} as const

/**
 * Chance that a sampled child of a grown tree is right: rank * acceptance[rank] + q * q. Fitted on 576 positions of the
 * micro pair at temperatures 0.5, 0.8 and 1.2: within 0.1 of what was counted, for every rank and eighth of q. A greedy
 * child's chance is its q: on 751 positions of SmolLM2 and its draft, .18 where q is .1 to .2, .32 at .3 to .45, .61 at
 * .6 to .8, .88 above.
 */
export const GROWN_CHANCE = { rank: 0.65, q: 0.5 } as const

/** `plugins/drafters/guess-chances.ts`: how often a guess is right, by rank among siblings and length of its match. */
export const GUESSES = {
  /**
   * [rank][match - 1] prior chance. Measured on 250 sampled answers of SmolLM2-135M-Instruct (temperature 0.8, 17,000
   * places that had a match).
   */
  prior: [
    [0.16, 0.43, 0.48, 0.63, 0.66, 0.69, 0.69, 0.87],
    [0.086, 0.14, 0.2, 0.17, 0.16, 0.16, 0.16, 0.2],
    [0.053, 0.075, 0.08, 0.1, 0.1, 0.1, 0.1, 0.1],
    [0.036, 0.04, 0.06, 0.04, 0.04, 0.04, 0.04, 0.04],
  ],
} as const

/** `plugins/drafters/grafts.ts`: guesses hung onto a tree that a model drew. */
export const GRAFTS = {
  /**
   * [match - 1] prior chance that a guess is right where what the model drew beside it is not. Measured on SmolLM2 over
   * 50 prompts of the benchmark's kinds, temperatures 0 and 0.8: 350, 150, 50 and 20 guesses of the first four.
   */
  besidePrior: [0.07, 0.21, 0.25, 0.35, 0.35, 0.35, 0.35, 0.4],
} as const
