/**
 * `npm run bench -- cold`: what one gets who answers each prompt in a process of its own (`sequoia generate`), as far
 * as times and experience that are kept in the cache folder are worth something there. Every prompt is decoded plainly
 * and with the default draft, in fresh processes that take turns, in three cases:
 *
 *     warm     one answer was given before
 *     nothing  neither times nor experience are there at first
 *     busy     at first there are times that were taken beside two busy processes
 *
 * Plain processes have a cache folder of their own, so that neither learns from the other. Beside these, `open`, the
 * ratio of one engine that stays open and has answered before.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../src/common/cache-folder.js'
import { openEngine } from '../src/index.js'
import type { Engine, GenerateStats } from '../src/api/types.js'
import { optionOf } from './option.js'
import prompts from './prompts.json' with { type: 'json' }
import { median } from './stats.js'

export const name = 'cold'
export const describe = 'SmolLM2, each prompt in a fresh process: after a warm run, without any state, with busy times'

const TARGET = 'smollm2-135m'
const PROMPTS = 8
const TOKENS = 128
/** The case of one engine that stays open. */
const OPEN = 'open'
/** Processes that take the processor's time away while passes are timed. */
const BUSY = 2
const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

interface Answer {
  msPerToken: number
  tokensPerStep: number
  tokens: number[]
}

interface Row {
  state: string
  prompt: number
  plainMs: number
  treeMs: number
  /** Plain decoding's time a token over the tree's. */
  ratio: number
  tokensPerStep: number
}

interface Result {
  state: string
  rows: Row[]
  /** Prompts whose two answers differ. */
  parted: number
}

/** Of every answer. */
interface Asked {
  tokens: number
  temperature: number
}

interface Summary {
  state: string
  ratio: number
  least: number
  /** From the third prompt on. */
  later: number
  laterLeast: number
  tokensPerStep: number
  parted: number
}

/** A cache folder that shares what was pulled and imported with the user's, and keeps what it measures for itself. */
class State {
  private readonly home = mkdtempSync(join(tmpdir(), 'sequoia-cold-'))

  constructor() {
    const folder = join(this.home, 'sequoia-onnx')
    mkdirSync(folder)
    for (const shared of ['sources', 'imported']) symlinkSync(join(cacheFolder(), shared), join(folder, shared))
  }

  /** One answer of a fresh process. */
  async answer(prompt: string, draft: string, { tokens, temperature }: Asked): Promise<Answer> {
    const args = ['generate', '--model', TARGET, '--draft', draft, '--json', '--seed', '1']
    const more = ['--temperature', `${temperature}`, '--max-tokens', `${tokens}`, prompt]
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args, ...more], {
      env: { ...process.env, XDG_CACHE_HOME: this.home },
    })
    const { tokens: ids, stats } = JSON.parse(stdout) as { tokens: number[]; stats: GenerateStats }
    return { ...timed(stats), tokens: ids }
  }

  remove(): void {
    rmSync(this.home, { recursive: true })
  }
}

function timed({ prefillMs, decodeMs, tokens, tokensPerStep }: GenerateStats): Omit<Answer, 'tokens'> {
  return { msPerToken: (prefillMs + decodeMs) / tokens, tokensPerStep }
}

/** Brings a case's cache folders into their first state. */
type Prepare = (state: State, draft: string, asked: Asked) => Promise<void>

const warmUp: Prepare = async (state, draft, asked) => void (await state.answer('What is a comet?', draft, asked))

const CASES: Readonly<Record<string, Prepare>> = {
  warm: warmUp,
  nothing: async () => {},
  async busy(state, draft) {
    const others = Array.from({ length: BUSY }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
    try {
      await state.answer('Say hello.', draft, { tokens: 1, temperature: 0 })
    } finally {
      await Promise.all(others.map(ended))
    }
  },
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

async function inFreshProcesses(state: string, chosen: readonly string[], asked: Asked): Promise<Result> {
  const plain = new State()
  const tree = new State()
  const rows: Row[] = []
  let parted = 0
  try {
    await CASES[state](plain, 'none', asked)
    await CASES[state](tree, 'auto', asked)
    for (const [prompt, text] of chosen.entries()) {
      const answers: Answer[] = []
      for (const [home, draft] of [[plain, 'none'] as const, [tree, 'auto'] as const])
        answers.push(await home.answer(text, draft, asked))
      rows.push(rowOf(state, prompt, answers))
      parted += Number(answers[0].tokens.join() !== answers[1].tokens.join())
    }
  } finally {
    plain.remove()
    tree.remove()
  }
  return { state, rows, parted }
}

function rowOf(state: string, prompt: number, [plain, tree]: readonly Omit<Answer, 'tokens'>[]): Row {
  return {
    state,
    prompt,
    plainMs: plain.msPerToken,
    treeMs: tree.msPerToken,
    ratio: plain.msPerToken / tree.msPerToken,
    tokensPerStep: tree.tokensPerStep,
  }
}

/** The same prompts of one engine that has answered before. */
async function inOneProcess(chosen: readonly string[], asked: Asked): Promise<Result> {
  const engine = await openEngine({ target: TARGET, prefixCacheBytes: 0 })
  const rows: Row[] = []
  try {
    for (const text of ['What is a comet?', 'Write a limerick about a cat.']) {
      await answerOf(engine, text, 'none', asked)
      await answerOf(engine, text, undefined, asked)
    }
    for (const [prompt, text] of chosen.entries()) {
      const plain = await answerOf(engine, text, 'none', asked)
      rows.push(rowOf(OPEN, prompt, [plain, await answerOf(engine, text, undefined, asked)]))
    }
  } finally {
    await engine.close()
  }
  return { state: OPEN, rows, parted: 0 }
}

async function answerOf(
  engine: Engine,
  content: string,
  draft: string | undefined,
  { tokens: maxTokens, temperature }: Asked,
): Promise<Omit<Answer, 'tokens'>> {
  let last: GenerateStats | undefined
  const request = { messages: [{ role: 'user' as const, content }], maxTokens, temperature, seed: 1, draft }
  for await (const { stats } of engine.generate(request)) last = stats
  return timed(last!)
}

function summaryOf({ state, rows, parted }: Result): Summary {
  const ratios = rows.map(({ ratio }) => ratio)
  const later = ratios.length > 2 ? ratios.slice(2) : ratios
  return {
    state,
    ratio: median(ratios),
    least: Math.min(...ratios),
    later: median(later),
    laterLeast: Math.min(...later),
    tokensPerStep: median(rows.map(({ tokensPerStep }) => tokensPerStep)),
    parted,
  }
}

/** `args`: `open` and cases (default: all), `--prompts=N`, `--tokens=N`, `--temperature=T` (default 0). */
export async function run(args: readonly string[]): Promise<object> {
  const given = (key: string, usual: number): number => Number(optionOf(args, key) ?? usual)
  const asked = { tokens: given('tokens', TOKENS), temperature: given('temperature', 0) }
  const chosen = prompts.chat.slice(0, given('prompts', PROMPTS))
  const all = [OPEN, ...Object.keys(CASES)]
  const states = all.filter((state) => args.includes(state))
  // Imports come first, so that none falls into a case.
  const first = new State()
  for (const draft of ['none', 'auto']) await first.answer('Say hello.', draft, { tokens: 1, temperature: 0 })
  first.remove()
  const results: Result[] = []
  for (const state of states.length > 0 ? states : all) {
    const result = state === OPEN ? await inOneProcess(chosen, asked) : await inFreshProcesses(state, chosen, asked)
    console.log(summaryOf(result))
    results.push(result)
  }
  return { summary: results.map(summaryOf), prompts: results.flatMap(({ rows }) => rows) }
}
