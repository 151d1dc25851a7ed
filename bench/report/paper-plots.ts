/** Plots of the paper's claims, as files. */
import { barPlot } from '../bar-plot.js'
import { linePlot, type Point } from '../line-plot.js'
import { FIXED } from '../paper/hardware.js'
import { PAPER, SEQUOIA } from '../paper/scalability.js'
import { type PaperFile, paperFiles } from './paper-results.js'

/** As many as there are colours; the tables have the others. */
const SHOWN = [SEQUOIA, PAPER, 'chain', 'chains of 8', 'binary tree', '4-ary tree', 'grown of draws', 'n-grams merged']
const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]

function scalability({ pair, results }: PaperFile): string {
  const { rows } = results.scalability
  return linePlot({
    title: `Tokens a step by size of the tree: ${pair}`,
    xLabel: 'nodes',
    panels: unique(rows.map(({ temperature }) => temperature)).map((temperature) => {
      const here = rows.filter((row) => row.temperature === temperature)
      return {
        title: temperature === 0 ? 'greedy' : `T = ${temperature}`,
        lines: SHOWN.flatMap((shape) => {
          const points = here
            .filter((row) => row.shape === shape)
            .map(({ nodes, tokens, low, high }): Point => ({
              x: nodes,
              y: tokens,
              ...(shape === SEQUOIA ? { low, high } : {}),
            }))
          return points.length > 0 ? [{ label: shape, points }] : []
        }),
      }
    }),
  })
}

function robustness({ pair, results }: PaperFile): string {
  const { rows } = results.robustness
  return linePlot({
    title: `Tokens a step by temperature, trees of ${results.robustness.shape.length} nodes: ${pair}`,
    xLabel: 'temperature',
    xScale: 'linear',
    panels: [0.7, 0.9, 1].map((topP) => ({
      title: `top-p ${topP}`,
      lines: unique(rows.map(({ rule }) => rule)).map((rule) => ({
        label: rule,
        points: rows
          .filter((row) => row.rule === rule && row.topP === topP)
          .map(({ temperature, tokens }) => ({ x: temperature, y: tokens })),
      })),
    })),
  })
}

function hardware({ pair, results }: PaperFile): string {
  const rows = results.hardware.rows.filter((row) => row.tokens !== undefined)
  const choices = ['optimizer', ...FIXED.map((nodes) => `${nodes} nodes`)]
  return barPlot(
    `Plain decoding's time over that of a tree, by machine: ${pair}`,
    unique(rows.map(({ machine }) => machine)).map((machine) => ({
      title: machine,
      bars: choices.map((choice) => {
        const row = rows.find((one) => one.machine === machine && one.choice === choice)!
        return { label: choice === 'optimizer' ? `optimizer: ${row.nodes} nodes` : choice, value: row.speedup! }
      }),
    })),
  )
}

/** [path] what the file is to hold. */
export function paperPlots(): Record<string, string> {
  const [first, second] = paperFiles()
  return {
    'docs/paper/scalability.svg': scalability(first),
    'docs/paper/scalability-micro.svg': scalability(second),
    'docs/paper/robustness.svg': robustness(first),
    'docs/paper/hardware.svg': hardware(first),
  }
}
