/** A horizontal bar chart as SVG, for results that are ratios: a line marks 1. */

export interface Bar {
  label: string
  value: number
  least: number
  most: number
}

export interface BarGroup {
  title: string
  bars: readonly Bar[]
}

const WIDTH = 720
const LABEL = 210
const ROW = 22

export function barPlot(title: string, groups: readonly BarGroup[]): string {
  const most = Math.max(1, ...groups.flatMap((group) => group.bars.map((bar) => bar.most))) * 1.05
  const x = (value: number): string => (LABEL + ((WIDTH - LABEL - 60) * value) / most).toFixed(1)
  const lines: string[] = []
  let y = 48
  for (const group of groups) {
    lines.push(`<text x="12" y="${y + 6}" font-weight="bold">${group.title}</text>`)
    y += ROW
    for (const bar of group.bars) {
      const middle = y + ROW / 2 - 4
      lines.push(
        `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${bar.label}</text>`,
        `<rect x="${LABEL}" y="${y}" width="${(Number(x(bar.value)) - LABEL).toFixed(1)}" height="${ROW - 8}" ` +
          'fill="#4477aa"/>',
        `<path d="M${x(bar.least)} ${middle}H${x(bar.most)}" stroke="#222" stroke-width="1.5"/>`,
        `<text x="${Number(x(bar.most)) + 6}" y="${middle + 4}">${bar.value.toFixed(2)}</text>`,
      )
      y += ROW
    }
    y += 10
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/><text x="12" y="24" font-size="15">${title}</text>`,
    ...lines,
    `<path d="M${x(1)} 36V${y}" stroke="#aa3344" stroke-dasharray="4 3"/>`,
    '</svg>',
    '',
  ].join('\n')
}
