/** Small multiples of line plots as one SVG text, with a light and a dark look. */

export interface Panel {
  title: string
  lines: { label: string; points: readonly { x: number; y: number }[] }[]
}

export interface Plot {
  title: string
  xLabel: string
  panels: readonly Panel[]
}

const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#7f7f7f', '#e69f00', '#56b4e9']
const WIDTH = 300
const HEIGHT = 240
const MARGIN = { left: 46, top: 34, right: 14, bottom: 40 }

/**
 * The title names what y is. x runs on a logarithmic scale through the given values; y is shared by all panels and
 * starts at 1, or at 0 where it goes far.
 */
export function linePlot({ title, xLabel, panels }: Plot): string {
  const xs = [...new Set(panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ x }) => x))))].sort(
    (a, b) => a - b,
  )
  const most = Math.max(...panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ y }) => y))))
  const step = tickStep(most)
  const bottom = step === 1 ? 1 : 0
  const top = Math.ceil(most / step) * step
  const inner = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom }
  const placeX = (x: number): number =>
    MARGIN.left + (inner.width * Math.log(x / xs[0])) / Math.log(xs[xs.length - 1] / xs[0])
  const placeY = (y: number): number => MARGIN.top + inner.height * (1 - (y - bottom) / (top - bottom))
  const drawn = panels.map((panel, i) => {
    const grid = Array.from({ length: (top - bottom) / step + 1 }, (_, i) =>
      gridLine(bottom + i * step, placeY(bottom + i * step)),
    )
    const ticks = xs.map(
      (x) => `<text x="${placeX(x).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${x}</text>`,
    )
    const lines = panel.lines.map(
      ({ points }, line) =>
        `<polyline fill="none" stroke="${COLORS[line % COLORS.length]}" stroke-width="2" ` +
        `points="${points.map(({ x, y }) => `${placeX(x).toFixed(1)},${placeY(y).toFixed(1)}`).join(' ')}"/>`,
    )
    return (
      `<g transform="translate(${i * WIDTH} 30)"><text x="${WIDTH / 2}" y="18" text-anchor="middle" ` +
      `class="strong">${panel.title}</text>${[...grid, ...ticks, ...lines].join('')}<text x="${WIDTH / 2}" ` +
      `y="${HEIGHT - 6}" text-anchor="middle">${xLabel}</text></g>`
    )
  })
  const legend = panels[0].lines.map(
    ({ label }, i) =>
      `<g transform="translate(${60 + i * 110} ${HEIGHT + 50})"><line x1="0" x2="22" y1="-4" y2="-4" ` +
      `stroke="${COLORS[i % COLORS.length]}" stroke-width="3"/><text x="28">${label}</text></g>`,
  )
  const style =
    'text{font:12px system-ui,sans-serif;fill:#222}.strong{font-weight:600}.grid{stroke:#8884}svg{background:#fff}' +
    '@media(prefers-color-scheme:dark){text{fill:#ddd}svg{background:#111}}'
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH * panels.length} ` +
    `${HEIGHT + 64}"><style>${style}</style><text x="12" y="20" ` +
    `class="strong">${title}</text>${drawn.join('')}${legend.join('')}</svg>\n`
  )
}

function gridLine(value: number, y: number): string {
  return (
    `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}"/><text ` +
    `x="${MARGIN.left - 6}" y="${y + 4}" text-anchor="end">${value}</text>`
  )
}

/** A round distance that puts about six lines below `most`; 1 up to ten. */
function tickStep(most: number): number {
  if (most <= 10) return 1
  const decade = 10 ** Math.floor(Math.log10(most / 6))
  return decade * [1, 2, 5, 10].find((factor) => decade * factor * 6 >= most)!
}
