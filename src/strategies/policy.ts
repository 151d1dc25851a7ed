/**
 * Every constant of the policy that decides whether and how far to speculate, in one table. Each entry says what it
 * means, its unit, and what it was fitted to; "chosen" is what nothing was measured for. `plugins/` and
 * `src/speculation/` read them from here.
 *
 * Words: a node's *worth* is the chance that the walk gets to it, the product of its path's chances. What a plan or a
 * guess *promises* is in milliseconds per token. *Accounts* hold what trees really gave, in tokens.
 */

/** `src/speculation/acceptance.ts`: how often a child of each level and rank is the accepted one. */
export const ACCEPTANCE = {
  /**
   * Visits that the prior of a level and rank stands for. By replay (`bench -- policy`) the default is .979 of the best
   * fixed shape at 16, .984 at 32, .986 at 64 and .985 at 128 (geometric mean of all rows, two seeds). Of 100 visits
   * that count, 32 leave a text that is unlike all others three quarters of its own say.
   */
  priorVisits: 32,
  /** Share of the evidence kept at the next visit, so that about 1 / (1 - memory) = 100 visits count. Chosen. */
  memory: 0.99,
  /** The same for a step without a tree: evidence halves in 140 steps, and the prior gets another try. Chosen. */
  idleMemory: 0.995,
  /** Visits after which what a text showed counts half in what the next ones start from. Chosen. */
  teachingVisits: 100,
} as const

/** `src/speculation/cost-meter.ts`: real over predicted time of steps with trees, beside that of plain steps. */
export const COST = {
  /** Steps that the profile's own prediction (a factor of 1) stands for. Chosen. */
  priorSteps: 8,
  /** Most tree steps that are averaged over. Chosen: what trees cost moves slowly. */
  memorySteps: 200,
  /** Plain steps that are averaged over. Chosen: a machine changes its speed within seconds. */
  recentPlainSteps: 8,
  /** One step counts as at most this many times the mean so far, and at least its inverse. Chosen. */
  outlier: 2,
  /** Share of a factor above 1 that is given up with each plain step: half of it in 7,000 steps. Chosen. */
  forgiveness: 0.0001,
} as const

/** `src/speculation/pass-corrections.ts`: measured times of passes beside what passes take in use. */
export const CORRECTIONS = {
  /** Passes between two corrections of the profile. Chosen: a text of some hundred tokens sees several. */
  every: 16,
  /** Passes whose median is the machine's speed. Chosen: two plain steps among trees must not move it. */
  speedPasses: 7,
  /** Passes that a size's correction is averaged over, and how many the measured time stands for at first. Chosen. */
  shapePasses: 32,
  priorPasses: 1,
  /** The same for the common correction: the first passes of a process take longer than others. Chosen. */
  levelPasses: 256,
  levelPrior: 16,
  /** Most by which one pass may differ from the mean so far, as a logarithm: 2 times. Chosen. */
  outlier: 0.7,
  /** Passes that take less by this much, as a logarithm, say that the machine was busy while they were timed: 1.3. */
  contradiction: 0.26,
  /**
   * What a doubling of the rows is then hoped to take, as a logarithm: 1.2 times. Chosen: quiet passes of small models
   * take about that up to 8 rows.
   */
  hope: 0.18,
  /** Sizes up to this one that were never used keep such a profile doubtful: most trees are no larger. */
  usualRows: 8,
  /** A doubtful profile is timed anew when an engine is opened, up to so many timings in all. Chosen. */
  mostTimings: 4,
} as const

/** `src/speculation/learned.ts`: what is kept from one process for the next. */
export const LEARNED = {
  /** Days in which half of it is forgotten. Chosen: drafts, texts and machines change slowly. */
  halfLifeDays: 30,
  /** Steps between two writings while an engine is open. Chosen. */
  stepsPerWrite: 512,
} as const

/** `src/speculation/plain-turns.ts`: plain steps among trees, which trees are measured by. */
export const PLAIN_TURNS = {
  /** Steps with trees between two plain steps in a row; half of them before the first where much is known. Chosen. */
  every: 64,
} as const

/** `src/speculation/speculation.ts`: when a static plan is made anew. */
export const REPLANNING = {
  /** Steps that a plan serves. Chosen: acceptance and context move slowly. */
  steps: 12,
  /** Where plan after plan is no tree, each serves this many times as many steps as the one before, */
  growth: 4,
  /** up to so many. Chosen: without trees acceptance hardly moves. */
  mostSteps: 192,
} as const

/** `src/speculation/rest.ts`: steps in which a sequence that got no tree does not think of one. */
export const REST = {
  /** Milliseconds of planning and of looking for guesses in a step. Measured between passes that fill the caches. */
  thinkingMs: 0.12,
  /** Most of plain decoding's time that may go into thinking in vain. Chosen. */
  share: 0.003,
} as const

/** What one sequence takes of a shared step, as the others plan with it. */
export const SHARE = {
  /** Weight of the last step in the means of rows and tokens. Chosen. */
  rate: 0.25,
} as const

/** Reading what a draft missed while it rested. */
export const CATCHING_UP = {
  /** Most tokens of it in a step whose time still says what trees cost. Chosen. */
  usualTokens: 12,
  /** Tokens of a step with a tree, about: unread text is paid off over (tokens left) / (this) steps. Chosen. */
  stepTokens: 2,
} as const

/** Limits of an account (`src/speculation/account.ts`), in tokens of plain decoding. */
export interface AccountLimits {
  /** Tokens that may be lost before trees rest. */
  readonly limit: number
  /** Tokens that must be paid off before the next trial: one takes several steps, as a rested draft catches up. */
  readonly trial: number
  /** Share of plain decoding's time that may be lost for good: what trials cost where trees do not pay. */
  readonly share: number
  /** Most tokens of past gains that may be lost again. */
  readonly credit: number
}

/** `src/speculation/accounts.ts`: whether trees of a model and trees of guesses pay. */
export const ACCOUNTS = {
  /**
   * One sequence's. A model's limit: at 0.75 sampled chat kept 1.15 of the 1.25 that fixed trees gain on SmolLM2 (20
   * prompts, T = 0.8), at 1.25 it kept 1.24. Guesses are scored on every token, tried or not, a model's trees only when
   * tried; so guesses may try twice as often. All of them hold answers of 128 tokens whose trees always fail above 0.97
   * of plain decoding (`test/speculation/speculation.test.ts`).
   */
  ofOne: {
    model: { limit: 1.25, trial: 0.75, share: 0.005, credit: 8 },
    guess: { limit: 1, trial: 0.5, share: 0.01, credit: 8 },
  },
  /** Of all that speculate alike at a load: what new sequences start from. */
  ofAll: {
    model: { limit: 5, trial: 1, share: 0.005, credit: 32 },
    guess: { limit: 4, trial: 1.5, share: 0.01, credit: 32 },
  },
  /** Factor of `share` for sampled text. Chosen: it agrees with drafts less often, so that less is missed in a rest. */
  sampledShare: 0.5,
  /**
   * What a tree costs beyond its step's time: reading the prompt with the draft, catching up, and plain steps among
   * trees, which are slower than plain steps in a row (3 to 8 % of the micro pair's, whose passes take a millisecond).
   */
  unseen: { share: 0.05, ms: 0.08 },
} as const

/** Least gain of a tree over plain decoding that is worth a trial, as a share of plain decoding's ms per token. */
export const LEAST_GAIN = {
  /** A planned tree. Chosen near 1: estimates err by more, both ways, and accounts have the last word. */
  planned: 0.985,
  /** A tree of guesses, whose chances come from fewer places. Chosen. */
  guessed: 0.9,
} as const

/** `plugins/planners/`: shapes. */
export const SHAPES = {
  /** Children of a node that are planned. Later ranks add next to nothing. */
  mostBranches: 8,
  /** Levels that a grown tree may have beyond the planned one. Chosen: where the draft is sure, deeper pays. */
  moreLevels: 2,
} as const

/**
 * Chance that a sampled child of a grown tree is right: rank * acceptance[rank] + q * q. Fitted on 576 positions of the
 * micro pair at temperatures 0.5, 0.8 and 1.2: within 0.1 of what was counted, for every rank and eighth of q. A greedy
 * child's chance is its q: on 751 positions of SmolLM2 and its draft, .18 where q is .1 to .2, .32 at .3 to .45, .61 at
 * .6 to .8, .88 above.
 */
export const GROWN_CHANCE = { rank: 0.65, q: 0.5 } as const

/** `plugins/drafters/trust.ts`: accepted over promised tokens of guesses, in the text at hand. */
export const TRUST = {
  /** Tokens that the first trust, 1, stands for. Chosen. */
  priorTokens: 2,
  /** Share of the evidence kept at each step with guesses: about 33 steps count. Chosen. */
  memory: 0.97,
  /** Share of the way back to the first trust at each step without: half of it in 34 steps. Chosen. */
  drift: 0.02,
} as const

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
  /** Guesses of one kind that its prior stands for. Chosen. */
  priorGuesses: 8,
  /** Share of the evidence on a kind kept when the next guess of that kind is seen. Chosen. */
  memory: 0.98,
  /** Guesses of one kind after which what a text showed counts half in what the next ones start from. Chosen. */
  teachingGuesses: 50,
} as const

/** `plugins/drafters/grafts.ts`: guesses hung onto a tree that a model drew. */
export const GRAFTS = {
  /**
   * [match - 1] prior chance that a guess is right where what the model drew beside it is not. Measured on SmolLM2 over
   * 50 prompts of the benchmark's kinds, temperatures 0 and 0.8: 350, 150, 50 and 20 guesses of the first four.
   */
  besidePrior: [0.07, 0.21, 0.25, 0.35, 0.35, 0.35, 0.35, 0.4],
  /** Chance that a drawn child is right, where it is guessed as well: 1 - (1 - guess) (1 - drawn). Chosen. */
  drawn: 0.5,
} as const
