/** A horizontal bar chart as SVG, for results that are ratios: a line marks 1. */
import { COLORS, escaped, page } from './plot-style.js'

export interface Bar {
  label: string
  value: number
  /** Ends of the range that a bar shows; absent: none. */
  least?: number
  most?: number
}

export interface BarGroup {
  title: string
  bars: readonly Bar[]
}

const WIDTH = 720
const LABEL = 210
const ROW = 22

export function barPlot(title: string, groups: readonly BarGroup[]): string {
  const ends = groups.flatMap((group) => group.bars.map(({ value, most }) => most ?? value))
  const most = Math.max(1, ...ends) * 1.05
  const x = (value: number): string => (LABEL + ((WIDTH - LABEL - 60) * value) / most).toFixed(1)
  const lines: string[] = []
  let y = 48
  for (const group of groups) {
    lines.push(`<text x="14" y="${y + 6}" class="strong">${escaped(group.title)}</text>`)
    y += ROW
    for (const { label, value, least, most = value } of group.bars) {
      const middle = y + ROW / 2 - 4
      lines.push(
        `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
        `<rect x="${LABEL}" y="${y}" width="${(Number(x(value)) - LABEL).toFixed(1)}" height="${ROW - 8}" ` +
          `fill="${COLORS[0]}"/>`,
        ...(least === undefined ? [] : [`<path class="range" d="M${x(least)} ${middle}H${x(most)}"/>`]),
        `<text x="${Number(x(most)) + 6}" y="${middle + 4}">${value.toFixed(2)}</text>`,
      )
      y += ROW
    }
    y += 10
  }
  return page(WIDTH, y + 8, title, [...lines, `<path class="mark" d="M${x(1)} 36V${y}"/>`])
}
