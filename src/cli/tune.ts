/**
 * `sequoia tune`: what passes cost on this machine, the tree that follows, its predicted speed, and the speed that
 * decoding then measures.
 */
import { cpus } from 'node:os'
import type { OnProgress } from '../common/progress.js'
import type { Command } from './command.js'
import { DEFAULT_MODEL, engineFlags, openByFlags, optionsOf } from './engine-flags.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { integer, parse, toggle, type Values } from './flags.js'
import { showingProgress } from './progress-bars.js'
import { compareDrafts, draftsFlag, isComparison } from './tune-drafts.js'
import { formatsFlag, keepRates } from './tune-formats.js'
import { measure } from './tune/measure.js'
import { draftsText, formatsText, tunedText, type Tuned } from './tune/tables.js'

const flags = {
  ...engineFlags,
  draft: draftsFlag,
  format: formatsFlag,
  context: integer('N', 'context that plans are made for, in tokens (default 256)', 1),
  json: toggle('print one JSON object'),
}

export const tune: Command = {
  name: 'tune',
  summary: 'measure this machine, and say which tree follows and what it gives',
  usage: 'tune [flags] [--json]',
  flags,
  async run(argv) {
    const { draft: drafts, ...values } = parse(flags, argv, null).values
    const { format: names = [undefined] } = values
    if (isComparison(drafts)) return comparison({ ...values, draft: drafts! }, names)
    // There and back again, so that a machine that slows down slows all of them.
    const turns = names.length === 1 ? names : [...names, ...[...names].reverse()]
    const all = await measuring(values.json, async (onProgress) => {
      const done: Tuned[] = []
      for (const format of turns) done.push(await tuned({ ...values, draft: drafts?.[0], format }, onProgress))
      return done
    })
    const shown = all.slice(0, names.length)
    const choice = names.length === 1 ? null : await keepRates({ ...values, draft: drafts?.[0] }, all.map(bestRate))
    if (values.json) console.log(JSON.stringify(choice ? { formats: shown.map(asJson), choice } : asJson(all[0])))
    else console.log([...shown.map(tunedText), ...(choice ? [formatsText(shown, choice.why)] : [])].join('\n\n'))
    return 0
  },
}

async function comparison(
  {
    draft: drafts,
    json,
    model = DEFAULT_MODEL,
    ...values
  }: Omit<Values<typeof flags>, 'format' | 'draft'> & {
    draft: readonly string[]
  },
  [format, ...others]: readonly (string | undefined)[],
): Promise<number> {
  if (others.length > 0)
    throw new InvalidArgumentError(
      '--draft',
      'drafts are compared in one format; give --format one name, or leave it out',
    )
  const options = { target: model, ...optionsOf({ ...values, format }) }
  const compared = await measuring(json, (onProgress) => compareDrafts(options, drafts, onProgress))
  console.log(json ? JSON.stringify(compared) : draftsText(compared))
  return 0
}

/** A program that reads JSON is told nothing besides; a person at a terminal sees the bars whatever is printed. */
function measuring<T>(asksJson: boolean | undefined, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  return asksJson && !process.stderr.isTTY ? work(() => undefined) : showingProgress(work)
}

async function tuned(
  values: Values<typeof engineFlags> & { context?: number },
  onProgress: OnProgress,
): Promise<Tuned> {
  const engine = await openByFlags(values, { onProgress })
  try {
    await engine.calibrate()
    const tuning = engine.tuning(values.context)
    const measured = await measure(engine, tuning.plan.greedy.parents, onProgress)
    const { model, format, runtime, draft } = engine.info
    return { model, format, runtime, draft, tuning, measured }
  } finally {
    await engine.close()
  }
}

function bestRate({ format, measured }: Tuned): { format: string; tokensPerSecond: number } {
  return { format, tokensPerSecond: Math.max(measured.plain, measured.tree ?? 0) }
}

function asJson({ model, format, runtime, draft, tuning, measured }: Tuned): object {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
  return { model, format, runtime, draftName: draft, machine, ...tuning, measured }
}
