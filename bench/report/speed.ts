/** Tables and plots of speed: one request, two ways by turns, several requests. */
import cpu from '../results/cpu.json' with { type: 'json' }
import load from '../results/load.json' with { type: 'json' }
import pair from '../results/pair.json' with { type: 'json' }
import { median } from '../stats.js'
import { barPlot } from '../bar-plot.js'
import { linePlot } from '../line-plot.js'
import type { Row } from '../cpu.js'
import { type Figures, from, range, table, two } from './markers.js'

const KINDS = ['chat', 'code', 'summarize'] as const

function at(kind: (typeof KINDS)[number], temperature: 0 | 0.8): readonly Row[] {
  return cpu.results[`${kind}, T=${temperature}`].rows
}

const found = (rows: readonly Row[], way: string): Row | undefined => rows.find((row) => row.way === way)

const WAYS: Readonly<Record<string, string>> = {
  default: '**default: its draft and n-grams**',
  'tree, ngram': 'n-grams alone',
  'tree, model': 'its draft alone',
  'node-llama-cpp': 'node-llama-cpp, the same file',
  'node-llama-cpp, lookup': 'node-llama-cpp, prompt lookup',
}

function ratio({ way, ratio, least, most }: Row): string {
  const shown = way === 'default' ? `**${two(ratio)}**` : two(ratio)
  return `${shown} ${range(least, most)}`
}

const plain = (row: Row): string => `1 (${row.tokensPerSecond.toFixed(0)} tokens/s)`

/** The README's. */
function short(): string {
  const row = (label: string, temperature: 0 | 0.8, way: string): string[] => [
    label,
    ...KINDS.map((kind) => {
      const one = found(at(kind, temperature), way)
      return one ? (way === 'plain' ? plain(one) : ratio(one)) : ''
    }),
  ]
  return table(
    ['', ...KINDS],
    [
      row('plain decoding, greedy', 0, 'plain'),
      row(WAYS.default, 0, 'default'),
      row('**the same, T = 0.8**', 0.8, 'default'),
      row(WAYS['node-llama-cpp'], 0, 'node-llama-cpp'),
    ],
  )
}

function chat(): string {
  const [greedy, sampled] = [at('chat', 0), at('chat', 0.8)]
  return table(
    ['chat', 'greedy', 'T = 0.8', 'tokens a step, greedy / T = 0.8'],
    greedy.map((row) => {
      const other = found(sampled, row.way)!
      const [one, two_] = row.way === 'plain' ? [plain(row), plain(other)] : [ratio(row), ratio(other)]
      const steps = row.tokensPerStep === undefined ? '' : `${two(row.tokensPerStep)} / ${two(other.tokensPerStep!)}`
      return [WAYS[row.way] ?? row.way, one, two_, steps]
    }),
  )
}

function otherKinds(): string {
  const kinds = ['code', 'summarize'] as const
  const row = (label: string, temperature: 0 | 0.8, way: string): string[] => [
    label,
    ...kinds.map((kind) => {
      const one = found(at(kind, temperature), way)!
      return way === 'plain' ? plain(one) : ratio(one)
    }),
  ]
  return table(
    ['', ...kinds],
    [
      row('plain decoding, greedy', 0, 'plain'),
      ...['default', 'tree, ngram', 'tree, model', 'node-llama-cpp'].map((way) => row(WAYS[way], 0, way)),
      row('plain decoding, T = 0.8', 0.8, 'plain'),
      row(WAYS.default, 0.8, 'default'),
    ],
  )
}

function byTurns(): string {
  return table(
    [
      'model, its draft and n-grams',
      'tokens/s plain',
      'speculative',
      'ratio, median (least to most)',
      'plain against plain',
    ],
    Object.entries(pair.results).map(([title, { summary, rows }]) => {
      const { ratio, noise } = summary
      return [
        title.replace('T=0.8', 'T = 0.8').replace('T=0', 'greedy'),
        median(rows.map((row) => row.plainTokensPerSecond)).toFixed(0),
        median(rows.map((row) => row.treeTokensPerSecond)).toFixed(0),
        `${two(ratio.median)} ${range(ratio.least, ratio.most)}`,
        range(noise.least, noise.most).slice(1, -1),
      ]
    }),
  )
}

function together(): string {
  const ways = [...new Set(load.results.rows.map(({ way }) => way))]
  const counts = [...new Set(load.results.rows.map(({ requests }) => requests))]
  const whole = (value: number): string => value.toFixed(0)
  return table(
    ['requests', ...ways, ...ways.map((way) => `first token p50 / p99, ms: ${way}`)],
    counts.map((requests) => {
      const rows = ways.map((way) => load.results.rows.find((row) => row.requests === requests && row.way === way)!)
      return [
        requests,
        ...rows.map((row) => `${whole(row.tokensPerSecond)} (${whole(row.least)} to ${whole(row.most)})`),
        ...rows.map((row) => `${whole(row.firstMsP50)} / ${whole(row.firstMsP99)}`),
      ]
    }),
  )
}

export const speedFigures: Figures = {
  'speed-from-readme': () => `${from(cpu, 'cpu.json', '')}.`,
  'speed-readme': short,
  'speed-from': () => `${from(cpu, 'cpu.json', '../')}.`,
  'speed-chat': chat,
  'speed-other-kinds': otherKinds,
  'turns-from': () => `${from(pair, 'pair.json', '../')}.`,
  turns: byTurns,
  'load-from': () => `${from(load, 'load.json', '../')}.`,
  load: together,
}

/** [path] the plots of those files. */
export function speedPlots(): Record<string, string> {
  const groups = Object.entries(cpu.results).map(([title, { rows }]) => ({
    title,
    bars: rows.slice(1).map(({ way, ratio, least, most }) => ({ label: way, value: ratio, least, most })),
  }))
  const ways = [...new Set(load.results.rows.map(({ way }) => way))]
  const lines = ways.map((label) => ({
    label,
    points: load.results.rows
      .filter(({ way }) => way === label)
      .map(({ requests, tokensPerSecond }) => ({ x: requests, y: tokensPerSecond })),
  }))
  return {
    'bench/results/cpu.svg': barPlot(
      'Time of plain decoding over time of each way: median, least and most over prompts',
      groups,
    ),
    'bench/results/load.svg': linePlot({
      title: 'Tokens/s of all requests together',
      xLabel: 'requests at once',
      panels: [{ title: 'smollm2-135m', lines }],
    }),
  }
}
