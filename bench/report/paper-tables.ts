/** Tables of the paper's claims. */
import { SEQUOIA } from '../paper/scalability.js'
import { FIXED } from '../paper/hardware.js'
import { type Figures, from, range, table, two } from './markers.js'
import { paperFiles, type PaperFile } from './paper-results.js'

const BUDGETS = [4, 16, 64, 256, 512]
const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]
const temperatureName = (temperature: number): string => (temperature === 0 ? 'greedy' : `T = ${temperature}`)

/** Tokens a step by shape and budget; in brackets the band of Sequoia's tree. */
function scalability({ results }: PaperFile): string {
  const { rows } = results.scalability
  return unique(rows.map(({ temperature }) => temperature))
    .map((temperature) => {
      const here = rows.filter((row) => row.temperature === temperature)
      const cells = (shape: string): string[] =>
        BUDGETS.map((nodes) => {
          const row = here.find((one) => one.shape === shape && one.nodes === nodes)
          if (!row) return ''
          if (shape === SEQUOIA) return `**${two(row.tokens)}** ${range(row.low, row.high)}`
          return `${two(row.tokens)}${row.aheadLow > 0 ? ' ↑' : row.aheadHigh < 0 ? ' ↓' : ''}`
        })
      const predicted = BUDGETS.map((nodes) =>
        two(here.find((one) => one.shape === SEQUOIA && one.nodes === nodes)!.predicted!),
      )
      return table(
        [`${temperatureName(temperature)}: shape \\ nodes`, ...BUDGETS.map(String)],
        unique(here.map(({ shape }) => shape)).flatMap((shape) =>
          shape === SEQUOIA
            ? [
                [shape, ...cells(shape)],
                ['expected by the dynamic program', ...predicted],
              ]
            : [[shape, ...cells(shape)]],
        ),
      )
    })
    .join('\n\n')
}

/** What is ahead of Sequoia's tree, in words. */
function ahead({ results }: PaperFile): string {
  const rows = results.scalability.ahead
  if (rows.length === 0) return 'No shape is ahead of Sequoia’s tree by more than its band, at any budget.'
  const words = unique(rows.map(({ shape, temperature }) => JSON.stringify([shape, temperature]))).map((key) => {
    const [shape, temperature] = JSON.parse(key) as [string, number]
    const these = rows.filter((row) => row.shape === shape && row.temperature === temperature)
    const most = these.reduce((best, row) => (row.ahead > best.ahead ? row : best))
    const sizes = these.map(({ nodes }) => nodes).join(', ')
    return `- ${shape}, ${temperatureName(temperature)}, at ${sizes} nodes (most: +${two(most.ahead)} at ${most.nodes})`
  })
  return ['Ahead by more than the 95 % band of the difference, among all sizes from 1 to 512:', '', ...words].join('\n')
}

function places({ results, pair }: PaperFile): string {
  const { places } = results.scalability
  const words = places.map(
    (one) => `${temperatureName(one.temperature)} ${one.places} places (${one.closely} of them by all ways)`,
  )
  return `${pair}, answers to ${places[0].prompts} held-out prompts: ${words.join(', ')}.`
}

/** Tokens a step by rule and temperature, at one top-p. */
function robustness({ results }: PaperFile, topP: number): string {
  const rows = results.robustness.rows.filter((row) => row.topP === topP)
  const rules = unique(rows.map(({ rule }) => rule))
  return table(
    [`top-p ${topP}: T`, ...rules],
    unique(rows.map(({ temperature }) => temperature)).map((temperature) => {
      const here = rules.map((rule) => rows.find((row) => row.rule === rule && row.temperature === temperature)!.tokens)
      const most = Math.max(...here)
      return [temperature, ...here.map((tokens) => (tokens === most ? `**${two(tokens)}**` : two(tokens)))]
    }),
  )
}

/** How much of its greedy tokens a step each rule keeps at the least favourable setting. */
function kept({ results }: PaperFile): string {
  const { rows } = results.robustness
  const words = unique(rows.map(({ rule }) => rule)).map((rule) => {
    const own = rows.filter((row) => row.rule === rule)
    const least = own.reduce((worst, row) => (row.tokens < worst.tokens ? row : worst))
    return [
      rule,
      two(least.tokens),
      `T = ${least.temperature}, top-p ${least.topP}`,
      range(least.low, least.high).slice(1, -1),
    ]
  })
  return table(['rule', 'least tokens a step', 'at', '95 % band'], words)
}

function hardware({ results }: PaperFile): string {
  const { rows } = results.hardware
  const shown = (predicted: number, speedup: number | undefined): string =>
    speedup === undefined ? two(predicted) : `${two(predicted)} / ${two(speedup)}`
  return table(
    [
      'machine',
      'acceptance of',
      'tree: nodes, levels',
      'optimizer',
      ...FIXED.map((nodes) => `${nodes} nodes`),
      'worst of the other machines’ trees',
    ],
    unique(rows.map(({ machine, pair }) => JSON.stringify([machine, pair]))).map((key) => {
      const [machine, pair] = JSON.parse(key) as [string, string]
      const here = rows.filter((row) => row.machine === machine && row.pair === pair)
      const at = (choice: string): string => {
        const row = here.find((one) => one.choice === choice)!
        return shown(row.predicted, row.speedup)
      }
      const best = here.find(({ choice }) => choice === 'optimizer')!
      const worst = here
        .filter(({ choice }) => choice.startsWith('as for'))
        .reduce((least, row) => (row.predicted < least.predicted ? row : least))
      return [
        machine,
        pair,
        `${best.nodes}, ${best.depth}`,
        `**${at('optimizer')}**`,
        ...FIXED.map((nodes) => at(`${nodes} nodes`)),
        `${shown(worst.predicted, worst.speedup)} (${worst.nodes} nodes)`,
      ]
    }),
  )
}

function ablations({ results }: PaperFile): string {
  const { rows } = results.ablations
  return table(
    ['part', 'T', 'nodes', 'with', 'without', 'gain (95 % band)'],
    rows
      .filter(({ nodes }) => nodes === 32 || nodes === 512)
      .map((row) => [
        row.part,
        row.temperature,
        row.nodes,
        two(row.with),
        two(row.without),
        `${two(row.gain)} ${range(row.gainLow, row.gainHigh)}`,
      ]),
  )
}

function headline({ results }: PaperFile): string {
  return table(
    ['claim', 'paper', 'measured here', 'published acceptance on times measured here', 'what stands between'],
    results.headline.rows.map((row) => [
      row.claim,
      `${two(row.paper)} (${row.paperOn})`,
      `${two(row.measured)} (${row.measuredOn})`,
      `${two(row.replayed)} (${row.replayedOn})`,
      row.between,
    ]),
  )
}

function figuresOf(file: PaperFile, suffix: string): Figures {
  return {
    [`paper-from${suffix}`]: () => `${from(file, file.file, '../')}.`,
    [`places${suffix}`]: () => places(file),
    [`scalability${suffix}`]: () => scalability(file),
    [`ahead${suffix}`]: () => ahead(file),
    [`robustness${suffix}`]: () => `${robustness(file, 1)}\n\n${robustness(file, 0.8)}`,
    [`robustness-least${suffix}`]: () => kept(file),
    [`hardware${suffix}`]: () => hardware(file),
    [`ablations${suffix}`]: () => ablations(file),
    [`headline${suffix}`]: () => headline(file),
  }
}

export function paperFigures(): Figures {
  const [first, second] = paperFiles()
  return { ...figuresOf(first, ''), ...figuresOf(second, '-micro') }
}
