/** What tuning found, as tables that people read: times of passes, the trees that follow, and what decoding gave. */
import type { PassTable, TunedPlan, Tuning } from '../../api/types.js'
import { draftText } from '../draft-text.js'
import { textTable } from '../text-table.js'
import type { ComparedDrafts } from '../tune-drafts.js'
import { wrapped } from '../wrapped.js'
import { QUESTIONS, TEMPERATURES, TOKENS as DRAFT_TOKENS } from './measure-drafts.js'
import { TOKENS, type Measured, type StepTimes } from './measure.js'

/** One format of a model, tuned. */
export interface Tuned {
  model: string
  format: string
  runtime: string
  draft: string
  tuning: Tuning
  measured: Measured
}

export function tunedText({ model, format, runtime, draft, tuning, measured }: Tuned): string {
  return [
    `${model} (${format}, ${runtime}), ${draftText(draft)}`,
    '',
    'Milliseconds of a pass, by rows and tokens of context',
    ...figures([
      ['', 'rows', ...tuning.target.contexts.map(String)],
      ...timesOf('target', tuning.target),
      ...(tuning.draft ? timesOf('draft', tuning.draft) : []),
    ]),
    '',
    `Best tree at ${tuning.context} tokens of context`,
    ...figures([
      ['', 'nodes', 'levels', 'tokens/s', 'plain is 1'],
      treeOf('greedy', tuning.plan.greedy, tuning),
      treeOf('sampled', tuning.plan.sampled, tuning),
    ]),
    '',
    `Decoded: ${measured.prompts} prompts, ${TOKENS} tokens each, greedy, ` +
      `at about ${measured.context} tokens of context`,
    ...decodedTable(measured),
    '',
    wrapped(outcome(measured), process.stdout.columns),
  ].join('\n')
}

/** Formats beside each other; `why`: what is taken from here on. */
export function formatsText(all: readonly Pick<Tuned, 'format' | 'measured'>[], why: string): string {
  const rows = all.map(({ format, measured }) => [format, rate(measured.plain), rate(measured.tree)])
  return [...figures([['tokens/s', 'plain', 'tree'], ...rows]), '', `format ${why}`].join('\n')
}

/** Drafts beside each other, and what is taken from here on. */
export function draftsText({ model, format, drafts, why }: ComparedDrafts): string {
  const at = `T=${TEMPERATURES.sampled}`
  const rows = drafts.map(({ draft, greedy, sampled, ratio, isChosen }) => [
    draft,
    ...[greedy.tokensPerStep, sampled.tokensPerStep].map((value) => value.toFixed(2)),
    ...[greedy.msPerToken, sampled.msPerToken].map((value) => value.toFixed(1)),
    ...[greedy.ratio, sampled.ratio, ratio].map((value) => value.toFixed(2)),
    isChosen ? 'chosen' : '',
  ])
  return [
    `${model} (${format}): ${QUESTIONS} calibration texts, answers of at most ${DRAFT_TOKENS} tokens, greedy and ${at}`,
    '',
    ...figures([['draft', 'tokens a step', at, 'ms a token', at, 'plain is 1', at, 'both', ''], ...rows]),
    '',
    wrapped(`draft ${why}`, process.stdout.columns),
  ].join('\n')
}

/** A first column of names; figures end at the same place. */
const figures = (rows: readonly string[][]): string[] => textTable(rows, (column) => column > 0)

function timesOf(name: string, { rows, ms }: PassTable): string[][] {
  return rows.map((n, i) => [i === 0 ? name : '', String(n), ...ms[i].map((value) => value.toFixed(1))])
}

function treeOf(name: string, plan: TunedPlan, { plainTokensPerSecond }: Tuning): string[] {
  const { nodes, depth, tokensPerSecond } = plan
  const size = nodes === 1 ? ['none', '-'] : [String(nodes), String(depth)]
  return [name, ...size, tokensPerSecond.toFixed(1), (tokensPerSecond / plainTokensPerSecond).toFixed(2)]
}

function decodedTable({ plain, tree, predicted, tokensPerStep, steps }: Measured): string[] {
  const row = (name: string, measured: number, foretold: number, perStep: number, times: StepTimes): string[] => {
    const { ms, draftMs, targetMs } = times
    const parts = [ms, draftMs, targetMs, ms - draftMs - targetMs].map((value) => value.toFixed(1))
    return [name, rate(measured), rate(foretold), perStep.toFixed(2), ...parts]
  }
  return figures([
    ['', 'tokens/s', 'predicted', 'tokens a step', 'ms a step', 'drafting', 'pass', 'rest'],
    row('plain', plain, predicted.plain, 1, steps.plain),
    ...(tree !== null && steps.tree ? [row('tree', tree, predicted.tree ?? 0, tokensPerStep, steps.tree)] : []),
  ])
}

function outcome({ plain, tree }: Measured): string {
  if (tree === null)
    return 'No tree of a draft model pays here: the engine decodes plainly, or with n-grams where they pay.'
  const gain = (tree / plain).toFixed(2)
  return tree > plain
    ? `The tree made these answers ${gain} times as quick. While it serves, the engine plans anew from what it sees.`
    : `The tree did not pay in these answers (${gain} times plain). The engine sees that, and rests its trees.`
}

function rate(value: number | null): string {
  return value === null ? '-' : value.toFixed(1)
}
